"""What a run under random kills came to: numbers to print, and the promise they are held to."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.e2e.page import Frame, Page


@dataclass(frozen=True)
class Numbers:
    turns: int
    answers: int
    notices: Counter[str]  # by error code
    model_calls: int
    most_calls: int  # for one message
    strikes: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    starts: int = 0
    seconds: float = 0.0

    def with_run(self, strikes: Counter[str], retries: int, starts: int, seconds: float) -> Numbers:
        return replace(self, strikes=strikes, retries=retries, starts=starts, seconds=seconds)

    def __str__(self) -> str:
        notices = ", ".join(f"{count} {code}" for code, count in self.notices.items()) or "0"
        lines: list[tuple[str, object]] = [
            ("turns", self.turns),
            *sorted(self.strikes.items()),
            ("starts of the agent", self.starts),
        ]
        lines += [("turns begun again", self.retries), ("calls of the model", self.model_calls)]
        lines += [("most calls for one message", self.most_calls), ("answers", self.answers), ("notices", notices)]
        lines += [("lost", 0), ("twice", 0), ("seconds", round(self.seconds))]
        return "\n".join(f"{name:<28}{value}" for name, value in lines)


def judge(page: Page, talks: Mapping[str, Sequence[str]], requests: Sequence[Mapping[str, Any]]) -> Numbers:
    """Raises AssertionError unless each message has one answer or one notice, in order, shown as committed."""
    ends = [end for talk, turns in talks.items() for end in _judge_talk(page, talk, turns)]
    calls = Counter(_name(str(request["last"])) for request in requests if str(request["last"]).startswith("talk "))
    notices = Counter(str(end["errorCode"]) for end in ends if end["role"] == "notice")
    answers = sum(end["role"] == "agent" for end in ends)
    return Numbers(len(ends), answers, notices, calls.total(), max(calls.values(), default=0))


def _judge_talk(page: Page, talk: str, turns: Sequence[str]) -> list[Frame]:
    entries = _history(page, talk)
    questions, ends = entries[::2], entries[1::2]
    assert [each["role"] for each in questions] == ["user"] * len(turns), f"{talk}: not question and answer in turn"
    assert [each["id"] for each in questions] == list(turns), f"{talk}: lost, twice, or in another order"
    assert [each["turn"] for each in ends] == list(turns), f"{talk}: an answer is missing or not its own"
    for question, end in zip(questions, ends, strict=True):
        _judge_shown(page, end)
        assert end["role"] == "notice" or end["text"] == _expected(question["text"]), f"{question}: {end}"
    return ends


def _expected(question: str) -> str:
    """What the demo model says to `[[n=3]]`, from its first word to its last."""
    found = re.search(r"\[\[n=(\d+)\]\]", question)
    assert found
    return " ".join(f"w{number}" for number in range(int(found[1]))) + "."


def _judge_shown(page: Page, end: Frame) -> None:
    shown = page.ends[end["turn"]]
    assert (shown["id"], shown["seq"]) == (end["id"], end["seq"]), f"shown as {shown}, stored as {end}"
    text = page.turns[end["turn"]].text
    assert text == end["text"], f"{end['turn']}: shows {text!r}, stored is {end['text']!r}"
    assert text, f"{end['turn']}: an answer without a word"
    if shown["type"] == "stream_end":
        assert hashlib.sha256(text.encode()).hexdigest() == shown["sha256"]


def _history(page: Page, talk: str) -> list[Frame]:
    entries: list[Frame] = []
    before: int | None = 0
    while before is not None:
        query = f"?limit=100&before={before}" if before else "?limit=100"
        answer = page.rest("GET", f"/conversations/{talk}{query}")
        entries, before = [*answer["messages"], *entries], answer["before"]
    return entries


def _name(text: str) -> str:
    return text.split(" [[", 1)[0]


def count_lines(state: Path, words: str) -> int:
    """How often the bridges' logs say it."""
    logs = (state / "logs" / "tasks").glob("*-bridge.log")
    return sum(log.read_text(errors="replace").count(words) for log in logs)
