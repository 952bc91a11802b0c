"""No acknowledged message lost, none answered twice, in order, with the words that were said for it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

NOT_HANDED = re.compile("\n\n_(A file|파일 하나)")  # what stands under an answer whose file did not come


class Acknowledged(Invariant):
    name = "an ack means durable, and says the same each time"

    def __init__(self) -> None:
        super().__init__()
        self._accepted: dict[str, tuple[str, str, int]] = {}

    def on_accepted(self, event: Event) -> None:
        facts = event.facts
        self._accepted.setdefault(facts["id"], (facts["user"], facts["talk"], facts["seq"]))

    def on_push(self, event: Event) -> None:
        frame = event.facts["frame"]
        if frame.get("type") == "ack":
            said = (event.facts["user"], frame["conversationId"], frame["seq"])
            known = self._accepted.get(frame["id"])
            self.demand(said == known, event, f"ack of {frame['id']} says {said}, the inbox has {known}")


class Answered(Invariant):
    name = "every accepted message has an answer or a notice"

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[str, float] = {}
        self._done: set[str] = set()

    def on_accepted(self, event: Event) -> None:
        self._open[event.facts["id"]] = event.at

    def on_entry(self, event: Event) -> None:
        self._done.add((event.facts["row"] or {}).get("turn", ""))

    def on_closed(self, event: Event) -> None:
        known = event.facts["id"] in self._done or event.facts["id"] in self._open
        self.demand(known, event, f"{event.facts['id']} left the inbox and was never in it")

    def on_rest(self, event: Event) -> None:
        for message_id in self._open.keys() - self._done:
            self.demand(False, event, f"{message_id}, accepted at {self._open[message_id]:.1f}, was never answered")


class OneCommit(Invariant):
    name = "at most one commit"

    def __init__(self) -> None:
        super().__init__()
        self._entries: Counter[tuple[str, str]] = Counter()

    def on_entry(self, event: Event) -> None:
        facts, row = event.facts, event.facts["row"]
        if row is None:
            return self.demand(False, event, f"an entry of {facts['user']} was deleted")
        before = facts["before"]
        if before is not None:
            return self.demand(_same(before, row), event, f"{row['messageId']} was written over")
        self._entries[facts["user"], row["messageId"]] += 1
        once = self._entries[facts["user"], row["messageId"]] == 1
        return self.demand(once, event, f"{row['messageId']} was committed twice")


class Order(Invariant):
    name = "order kept in each conversation"

    def __init__(self) -> None:
        super().__init__()
        self._last: Counter[tuple[str, str]] = Counter()
        self._seqs: dict[str, int] = {}
        self._written: dict[tuple[str, str], list[str]] = defaultdict(list)

    def on_accepted(self, event: Event) -> None:
        self._seqs.setdefault(event.facts["id"], event.facts["seq"])

    def on_entry(self, event: Event) -> None:
        facts, row = event.facts, event.facts["row"] or {}
        if row.get("turn") is None or facts["before"] is not None:
            return
        place, seq = (facts["user"], facts["talk"]), facts["seq"]
        self.demand(seq > self._last[place], event, f"answer {seq} was committed after {self._last[place]}")
        self._last[place] = seq

    def on_written(self, event: Event) -> None:
        """A page that waits for each ack has its messages numbered as they were written."""
        if not event.facts["eager"]:
            self._written[event.facts["page"], event.facts["talk"]].append(event.facts["id"])

    def on_rest(self, event: Event) -> None:
        for (page, _), ids in self._written.items():
            seqs = [self._seqs[message_id] for message_id in ids if message_id in self._seqs]
            self.demand(seqs == sorted(seqs), event, f"{page} wrote in another order than {seqs}")


class TrueAnswer(Invariant):
    name = "an answer is what was said to this very message"

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._questions: dict[str, str] = {}
        self._wanted: set[tuple[str, str]] = set()  # cancelled messages, conversations with all that waits in them

    def on_accepted(self, event: Event) -> None:
        self._questions[event.facts["id"]] = event.facts["text"]

    def on_grown(self, event: Event) -> None:
        self._questions[event.facts["id"]] = event.facts["text"]

    def on_llm_end(self, event: Event) -> None:
        self._said[event.facts["user"], event.facts["message"]].add(event.facts["text"])

    def on_cancel(self, event: Event) -> None:
        self._wanted.add((event.facts["user"], event.facts["id"]))

    def on_delete(self, event: Event) -> None:
        self._wanted.add((event.facts["user"], event.facts["talk"]))

    def on_chat_stop(self, event: Event) -> None:
        self._wanted.add((event.facts["user"], "whatever runs"))

    def on_entry(self, event: Event) -> None:
        facts, row = event.facts, event.facts["row"] or {}
        turn = row.get("turn")
        if turn is None:
            return
        user = facts["user"]
        if row["status"] == "committed":
            question = repr(self._questions[turn])
            words = NOT_HANDED.split(row["text"])[0]
            openings = (f"To {question}", f"No: let me begin again, to {question}")  # it may break off within them
            begun = question in words or any(each.startswith(words) for each in openings)
            half = row.get("stopReason") == "broken" and begun
            told = half or words in self._said[user, turn] or self._is_hurried(user, turn, facts["talk"], words)
            self.demand(told, event, f"{turn} was answered with words of somebody else: {row['text'][:60]!r}")
        elif row["status"] == "cancelled":
            asked = self._is_wanted(user, turn, facts["talk"])
            self.demand(asked, event, f"{turn} was cancelled and nobody had asked for that")

    def _is_wanted(self, user: str, turn: str, talk: str) -> bool:
        return bool({(user, turn), (user, talk), (user, "whatever runs")} & self._wanted)

    def _is_hurried(self, user: str, turn: str, talk: str, words: str) -> bool:
        """Whoever presses Stop when the last word is there does not wait for those that were said before we heard."""
        parts = words.split("\n\n")
        whole = any(all(part in said for part in parts) for said in self._said[user, turn])
        return whole and self._is_wanted(user, turn, talk)


class NothingThrownAway(Invariant):
    name = "what was said stays, whatever became of the turn"

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], str] = {}  # by each bridge, of each turn

    def on_turn_began(self, event: Event) -> None:
        self._said[event.by, event.facts["message"]] = ""

    def on_push(self, event: Event) -> None:
        frame = event.facts["frame"]
        if frame.get("type") == "stream_chunk" and event.by.startswith("bridge"):
            before = "" if frame.get("replace") else self._said.get((event.by, frame["turn"]), "")
            self._said[event.by, frame["turn"]] = before + frame["content"]

    def on_entry(self, event: Event) -> None:
        row = event.facts["row"] or {}
        said = self._said.get((event.by, row.get("turn", "")), "").strip()
        lost = row.get("status") == "failed" and said
        self.demand(
            not lost, event, f"{row.get('turn')} failed, and of what it had said nothing is left: {said[:60]!r}"
        )


class NeverRefused(Invariant):
    name = "a good message is taken, and what is taken is not refused"

    def __init__(self) -> None:
        super().__init__()
        self._accepted: set[str] = set()

    def on_accepted(self, event: Event) -> None:
        self._accepted.add(event.facts["id"])

    def on_push(self, event: Event) -> None:
        frame = event.facts["frame"]
        if frame.get("type") == "error" and "id" in frame:
            if (
                frame["code"] == "rate_limited"
            ):  # it comes again, and the one of two copies that was taken has a receipt
                self.demand(frame["retryAfter"] > 0, event, f"{frame['id']} is to come again at once: {frame}")
                return
            self.demand(frame["id"] not in self._accepted, event, f"{frame['id']} was taken and refused: {frame}")
            self.demand(frame["code"] == "agent_unavailable", event, f"{frame['id']} was refused: {frame}")


def _same(before: dict[str, Any], row: dict[str, Any]) -> bool:
    return (before["messageId"], before["text"]) == (row["messageId"], row["text"])
