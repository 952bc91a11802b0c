"""What a page shows, by the rules that the page keeps (frontend/src/chat), written down a second time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Frame = Mapping[str, Any]
Resume = dict[str, Any]


@dataclass
class Answer:
    """A running one."""

    text: str = ""
    held: int = 0
    gap: bool = False


@dataclass
class Talk:
    """One conversation on one page. What it returns is a `resume` to be sent."""

    id: str
    entries: dict[str, Frame] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    loaded: bool = False

    def add(self, fresh: Iterable[Frame]) -> None:
        for entry in fresh:
            held = self.entries.get(entry["id"])
            if (
                not held
                or entry["status"] != "pending"
                or (held["status"] == "pending" and _size(held) <= _size(entry))
            ):
                self.entries[entry["id"]] = entry
            if entry.get("turn"):
                self.answers.pop(entry["turn"], None)

    def chunk(self, frame: Frame) -> Resume | None:
        turn = frame["turn"]
        if turn in self._answered:
            return None
        answer = self.answers.setdefault(turn, Answer())
        if frame.get("replace"):
            answer.text, answer.held, answer.gap = frame["content"], frame["n"], False
        elif answer.gap or frame["n"] <= answer.held:
            pass
        elif frame.get("from", frame["n"]) > answer.held + 1:
            answer.gap = True
            return self.resume(turn)
        else:
            answer.text, answer.held = answer.text + frame["content"], frame["n"]
        return None

    def end(self, frame: Frame) -> Resume | None:
        if frame["turn"] in self._answered:
            return None
        text = self.answers.get(frame["turn"], Answer()).text
        if len(text) != frame["chars"] or hashlib.sha256(text.encode()).hexdigest() != frame["sha256"]:
            return self.resume()
        status = "cancelled" if frame["stopReason"] == "cancelled" else "committed"
        entry = {name: frame[name] for name in ("id", "conversationId", "seq", "turn", "createdAt")}
        self.add([{**entry, "role": "agent", "text": text, "status": status}])
        return None

    def resume(self, turn: str | None = None) -> Resume:
        after = max((each["seq"] for each in self.entries.values() if each["role"] != "user"), default=0)
        frame: Resume = {"type": "resume", "conversationId": self.id, "after": after}
        if turn := turn or self.running:
            frame |= {"turn": turn, "chunk": self.answers.get(turn, Answer()).held}
        return frame

    @property
    def running(self) -> str | None:
        waiting = [each for each in self.shown if each["role"] == "user" and each["id"] not in self._answered]
        return next((each["id"] for each in waiting if each["status"] == "pending"), None)

    @property
    def shown(self) -> list[Frame]:
        return sorted(self.entries.values(), key=lambda each: each["seq"])

    @property
    def _answered(self) -> set[str]:
        return {each["turn"] for each in self.entries.values() if each.get("turn")}


def _size(entry: Frame) -> tuple[int, int]:
    """Of a message that grows as long as it waits."""
    return len(entry.get("attachments") or ()), len(entry["text"])
