"""A chat has each answer once; and those who do not belong there start nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

from chalicelib.domain.failure_words import explain
from chalicelib.domain.telegram_words import say
from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

NAMES = ("ada", "bob", "cleo")
ALBUM = "(album)"
STRANGERS = 900  # chats from this number on belong to nobody


class Chats(Invariant):
    name = "a chat has each answer exactly once"

    def __init__(self) -> None:
        super().__init__()
        self._shown: dict[int, dict[int, str]] = defaultdict(dict)
        self._chats: dict[str, int] = {}
        self._expected: dict[int, Counter[str]] = defaultdict(Counter)
        self._files: dict[int, Counter[str]] = defaultdict(Counter)

    def on_linked(self, event: Event) -> None:
        self._chats[event.facts["user"]] = event.facts["chat"]

    def on_chat(self, event: Event) -> None:
        self._shown[event.facts["chat"]][event.facts["message"]] = event.facts["text"]

    def on_entry(self, event: Event) -> None:
        row = event.facts["row"] or {}
        chat = self._chats.get(event.facts["user"])
        if chat and row.get("turn") and row.get("channel") == "telegram" and event.facts["before"] is None:
            if drawn := _drawn(row):
                self._expected[chat][drawn] += 1
            self._files[chat].update(f"[{media['name']}]" for media in row.get("media") or ())

    def on_rest(self, event: Event) -> None:
        """Stripped of markup. A torso with its cursor is no answer."""
        for chat, wanted in self._expected.items():
            shown = [_letters(text) for _, text in sorted(self._shown[chat].items()) if not text.endswith("▌")]
            for text, times in wanted.items():
                seen = sum(_begins(shown[at:], _letters(text)) for at in range(len(shown)))
                self.demand(seen == times, event, f"chat {chat} has {text[:60]!r} {seen} times, not {times}")
        for chat, files in self._files.items():
            there = Counter(text for text in self._shown[chat].values() if text in files)
            self.demand(there == files, event, f"chat {chat} has the files {there}, not {files}")


class Taken(Invariant):
    name = "an update that was taken is in the inbox once"

    def __init__(self) -> None:
        super().__init__()
        self._texts: Counter[str] = Counter()

    def on_accepted(self, event: Event) -> None:
        self._find(said(event.facts["text"]), event)

    def on_grown(self, event: Event) -> None:
        before, now = said(event.facts["before"]), said(event.facts["text"])
        self.demand(set(before) <= set(now), event, f"{event.facts['id']} has forgotten some of {before}")
        self._find([text for text in now if text not in before], event)

    def on_said(self, event: Event) -> None:
        for text in event.facts["texts"]:
            self.demand(
                self._texts[text] == 1, event, f"{text} was taken and is in the inbox {self._texts[text]} times"
            )

    def _find(self, texts: list[str], event: Event) -> None:
        for text in texts:
            self._texts[text] += 1
            self.demand(self._texts[text] == 1, event, f"{text} was accepted twice")


class Together(Invariant):
    name = "what belongs together is one message as long as nobody has begun it, and is asked and kept whole"

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[str, tuple[str, str]] = {}  # messages that nobody has begun, with conversation and text
        self._asked: dict[str, str] = {}

    def on_accepted(self, event: Event) -> None:
        """An album knows its own. What a text was cut from can only be guessed from the time."""
        facts = event.facts
        for talk, text in self._open.values():
            same = _groups(text) & _groups(facts["text"]) and talk == facts["talk"] and ALBUM in text
            self.demand(not same, event, f"{facts['text'][:30]} came alone while {text[:30]} waited")
        self._open[facts["id"]] = (facts["talk"], facts["text"])

    def on_grown(self, event: Event) -> None:
        facts = event.facts
        self.demand(facts["id"] in self._open, event, f"{facts['id']} has grown, and somebody had begun it")
        self._open[facts["id"]] = (facts["talk"], facts["text"])
        parts = said(facts["text"])
        numbers = [tuple(map(int, found)) for found in re.findall(r" says P(\d+)\.(\d+);", facts["text"])]
        self.demand(numbers == sorted(numbers), event, f"{parts} are not in order")

    def on_claimed(self, event: Event) -> None:
        self._open.pop(event.facts["id"], None)

    def on_unwanted(self, event: Event) -> None:
        self._open.pop(event.facts["id"], None)

    def on_llm_run(self, event: Event) -> None:
        self._asked[event.facts["message"]] = event.facts["question"]

    def on_closed(self, event: Event) -> None:
        self._open.pop(event.facts["id"], None)
        asked = self._asked.get(event.facts["id"], event.facts["text"])
        self.demand(asked == event.facts["text"], event, f"{event.facts['id']} was not asked as it is: {asked[:60]}")

    def on_entry(self, event: Event) -> None:
        row = event.facts["row"] or {}
        asked = self._asked.get(row.get("messageId", ""), row.get("text"))
        if row.get("role") == "user":
            self.demand(asked == row["text"], event, f"{row['messageId']} is kept otherwise than it was asked")


class Outsiders(Invariant):
    name = "strangers start nothing, hear little and are not let in"

    def __init__(self) -> None:
        super().__init__()
        self._heard: Counter[int] = Counter()

    def on_row(self, event: Event) -> None:
        self.demand(event.facts["user"] in NAMES, event, f"an agent for {event.facts['user']}")

    def on_accepted(self, event: Event) -> None:
        self.demand(event.facts["user"] in NAMES, event, f"a message of {event.facts['user']}")

    def on_chat(self, event: Event) -> None:
        self._heard[event.facts["chat"]] += event.facts["chat"] >= STRANGERS

    def on_links(self, event: Event) -> None:
        for chat in event.facts["asking"]:
            self.demand(int(chat) < STRANGERS, event, f"the stranger {chat} asks to be linked")

    def on_rest(self, event: Event) -> None:
        for chat, times in self._heard.items():
            self.demand(times <= 9, event, f"the stranger {chat} was answered {times} times")


def said(text: str) -> list[str]:
    """What a phone has said of it, part by part."""
    return re.findall(r"\w+ says [TP][\d.]+;", text)


def _groups(text: str) -> set[str]:
    return set(re.findall(r"\w+ says P\d+", text))


def _begins(shown: list[str], letters: str) -> bool:
    """Does the answer begin here, and is it all there, in this message and maybe later ones?"""
    if not shown or not shown[0]:
        return letters == "" and bool(shown)
    said = ""
    for part in shown:
        if part and letters.startswith(said + part):
            said += part
        elif not said:
            return False
    return said == letters


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _drawn(row: dict[str, Any]) -> str:
    """What the chat should show of it in words."""
    text, why = row["text"].strip(), explain("en", row.get("errorKey"), row.get("errorParams") or {})
    if row["role"] != "agent":
        return f"⚠️ {row['text']}"
    end = {
        "cancelled": "⏹ Stopped.",
        "length": say("en", "length"),
        "declined": say("en", "declined"),
        "broken": f"{say('en', 'broken')} {why}",
    }.get(row.get("stopReason", ""))
    whole = "\n\n".join(part for part in (text, end) if part)
    return whole or ("" if row.get("media") else "(The answer is empty.)")
