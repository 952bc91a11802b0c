"""Rare situations, counted from the history: a check that never met them proves nothing about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.simulation.checker.chats import said
from tests.simulation.checker.tables import meanings
from tests.simulation.history import Event

WANTED = (  # that 500 histories must have met
    "two starts raced",
    "a start lost its answer and was adopted",
    "a start that nobody wrote down was given up",
    "a task of an epoch that was over came and left",
    "no capacity",
    "three failed starts were told to the user",
    "a message came while the agent was stopping",
    "a stop lost against a message",
    "stopping an agent refused: busy",
    "SIGTERM in the middle of a turn",
    "a turn was given back to the inbox",
    "SIGKILL in the middle of a turn",
    "a message was claimed by the next epoch",
    "a poisoned message was set aside",
    "a claim came too late",
    "a commit was repeated after a lost answer",
    "a conversation was deleted while its turn ran",
    "cancelled before its first word",
    "cancelled in the middle",
    "the same ack twice",
    "a message was sent again",
    "a message was put off",
    "a page caught up with a running answer",
    "a page asked to resume",
    "an answer waited in the outbox for the next look",
    "a page that missed a frame was cut off",
    "push to a closed socket",
    "a stranger lived at the address",
    "the doorbell was heard and its answer lost",
    "OpenClaw crashed in a turn",
    "OpenClaw hung and was restarted",
    "OpenClaw resumed a turn by itself",
    "a model was silent for ten minutes",
    "an answer handed over a file",
    "an endless loop of tools was ended",
    "an answer broke off and kept its words",
    "an answer was taken from the transcript",
    "a message was put into another run",
    "work of its own kept an agent awake",
    "a stop in the middle of work of its own was told",
    "a message came while OpenClaw was suspended",
    "OpenClaw's gateway answered late",
    "OpenClaw's gateway stood still",
    "the bridge gave up a socket of OpenClaw's",
    "Stop was heard while Disconnected",
    "Stop was heard while Looking",
    "Stop was heard while Sending",
    "Stop was heard while Running",
    "Stop was heard while Checking",
    "Stop was heard while Merged",
    "Stop was heard beside its turn",
    "everything was stopped, with a message waiting",
    "an orphan was stopped",
    "two tasks of a user at once",
    "ECS did not answer a sweep",
    "a state was restored",
    "a database was held while it was saved",
    "S3 did not answer",
    "a manifest met its own first try",
    "a ticket was refused",
    "a page was told to come anew",
)
NAMES = {  # what parts of the world count by themselves
    "stop refused: busy": "stopping an agent refused: busy",
    "duplicate ack": "the same ack twice",
    "message sent again": "a message was sent again",
    "page asked to resume": "a page asked to resume",
    "socket closed by us": "a page that missed a frame was cut off",
    "stranger at the address": "a stranger lived at the address",
    "bell heard late": "the doorbell was heard and its answer lost",
    "OpenClaw restarted because it hung": "OpenClaw hung and was restarted",
    "manifest written twice by the SDK": "a manifest met its own first try",
    "watchdog: Adopt": "a start lost its answer and was adopted",
}


class Situations:
    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._rows: dict[str, dict[str, Any]] = {}
        self._turns: dict[tuple[str, str], str] = {}  # running ones: user and message -> conversation
        self._claims: dict[str, int] = {}
        self._groups: set[str] = set()  # of parts, that some message is of
        self._asked: set[tuple[str, str]] = set()  # bridges, and the messages that they have sent to their OpenClaw
        self._tasks: set[tuple[str, str]] = set()  # running ones: user and task

    def read(self, events: Iterable[Event]) -> Counter[str]:
        for event in events:
            for each in meanings(event) if event.kind == "write" else (event,):
                if handler := getattr(self, f"_on_{each.kind}", None):
                    handler(each.facts, each)
        return self.seen

    def _on_refused(self, facts: dict[str, Any], event: Event) -> None:
        named = {
            "Starting": "two starts raced",
            "Stopping": "a stop lost against a message",
            "claim": "a claim came too late",
            "commit": "a commit was repeated after a lost answer",
        }
        if situation := named.get(facts["what"]):
            self.seen[situation] += 1

    def _on_row(self, facts: dict[str, Any], event: Event) -> None:
        before, row = facts["before"], facts["row"]
        self._rows[facts["user"]] = row
        told = [str(each.get("note", "")).startswith("work_cut") for each in (before, row)]
        self.seen["a stop in the middle of work of its own was told"] += told == [False, True]
        if (before.get("status"), row["status"]) == ("Starting", "Idle") and not before.get("taskArn"):
            self.seen["a start that nobody wrote down was given up"] += "watchdog" in event.by

    def _on_accepted(self, facts: dict[str, Any], event: Event) -> None:
        groups = {text.partition(".")[0] for text in said(facts["text"]) if " says P" in text}
        self.seen["a part came when its message was begun"] += bool(groups & self._groups)
        self._groups |= groups
        if self._rows.get(facts["user"], {}).get("status") == "Stopping":
            self.seen["a message came while the agent was stopping"] += 1

    def _on_grown(self, facts: dict[str, Any], event: Event) -> None:
        self.seen["a part joined its message"] += 1
        before, now = said(facts["before"]), said(facts["text"])
        self.seen["a part came before one that was sent earlier"] += now[-1] == before[-1]

    def _on_claimed(self, facts: dict[str, Any], event: Event) -> None:
        before = self._claims.get(facts["id"], 0)
        self._claims[facts["id"]] = facts["claim"]
        self.seen["a turn was given back to the inbox"] += not facts["claim"]
        self.seen["a message was claimed by the next epoch"] += bool(before and facts["claim"] > before)
        self.seen["a poisoned message was set aside"] += facts["claims"] > 3
        if facts["claim"]:
            self._turns[facts["user"], facts["id"]] = facts["talk"]
        else:
            self._turns.pop((facts["user"], facts["id"]), None)

    def _on_closed(self, facts: dict[str, Any], event: Event) -> None:
        self._turns.pop((facts["user"], facts["id"]), None)

    def _on_entry(self, facts: dict[str, Any], event: Event) -> None:
        row = facts["row"]
        if row["status"] == "cancelled":
            self.seen["cancelled in the middle" if row["text"] else "cancelled before its first word"] += 1
        self.seen["an endless loop of tools was ended"] += row.get("errorKey") == "interrupted.too_many_steps"
        self.seen["an answer broke off and kept its words"] += row.get("stopReason") == "broken"
        asked = (event.by, row.get("turn")) in self._asked
        self.seen["an answer was taken from the transcript"] += row.get("stopReason") == "stop" and not asked
        if row.get("errorCode") == "agent_unavailable" and "watchdog" in event.by:
            self.seen["three failed starts were told to the user"] += 1

    def _on_sent_to_model(self, facts: dict[str, Any], event: Event) -> None:
        self._asked.add((event.by, facts["message"]))

    def _on_delete(self, facts: dict[str, Any], event: Event) -> None:
        busy = [talk for (user, _), talk in self._turns.items() if user == facts["user"]]
        self.seen["a conversation was deleted while its turn ran"] += facts["talk"] in busy

    def _on_halt(self, facts: dict[str, Any], event: Event) -> None:
        waits = self._rows.get(facts["user"], {}).get("pending", 0) > 0
        self.seen["everything was stopped, with a message waiting"] += not facts["there"] and waits

    def _on_sigterm(self, facts: dict[str, Any], event: Event) -> None:
        self.seen["SIGTERM in the middle of a turn"] += self._works(facts["user"])

    def _on_stop_task(self, facts: dict[str, Any], event: Event) -> None:
        self.seen["an orphan was stopped"] += facts["reason"] == "no agent owns this task"

    def _on_task_running(self, facts: dict[str, Any], event: Event) -> None:
        self.seen["two tasks of a user at once"] += any(user == facts["user"] for user, _ in self._tasks)
        self._tasks.add((facts["user"], facts["task"]))

    def _on_task_ended(self, facts: dict[str, Any], event: Event) -> None:
        self._tasks.discard((facts["user"], facts["task"]))
        if facts["why"] == "SIGKILL":
            self.seen["SIGKILL in the middle of a turn"] += self._works(facts["user"])
        if facts["epoch"] < self._rows.get(facts["user"], {}).get("epoch", 0):
            self.seen["a task of an epoch that was over came and left"] += facts["why"] == "it left by itself"

    def _on_push(self, facts: dict[str, Any], event: Event) -> None:
        frame = facts["frame"]
        if frame.get("type") == "stream_chunk" and frame.get("replace") and frame["n"] > 1:
            self.seen["a page caught up with a running answer"] += 1
        if frame.get("type") == "message" and frame.get("role") == "agent" and event.by.startswith("bridge"):
            self.seen["an answer waited in the outbox for the next look"] += 1

    def _on_restored(self, facts: dict[str, Any], event: Event) -> None:
        self.seen["a state was restored"] += 1

    def _works(self, user: str) -> bool:
        return any(owner == user for owner, _ in self._turns)


def situations(events: Iterable[Event], counted: Counter[str]) -> Counter[str]:
    """What the history met, with what its world has counted."""
    seen = Situations().read(events)
    for name, times in counted.items():
        seen[NAMES.get(name, name)] += times
    return seen
