"""The events of one turn's runs, put together: each word once, each tool once, one end. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.turn import Approval, TurnEvent
from container.bridge.openclaw.protocol import RunAsked, RunEnded, RunEvent, RunFailed, RunText, RunTool
from container.bridge.openclaw.words import LOOPED, Spoken


class RunApprovals:
    """What the run has asked: each once, and each decided once."""

    def __init__(self) -> None:
        self._asked: dict[str, Approval] = {}

    def note(self, approval: Approval) -> list[TurnEvent]:
        known = self._asked.get(approval.id)
        if known and (known.state != "open" or approval.state == "open"):
            return []
        self._asked[approval.id] = approval
        return [approval]

    def expire(self) -> list[TurnEvent]:
        """Those that are open: nobody waits for them any more."""
        opened = [each for each in self._asked.values() if each.state == "open"]
        return [shown for each in opened for shown in self.note(replace(each, state="expired"))]


class Calls:
    """Of tools, and what was asked before them.

    Who both sent the message and subscribed to the session is told of each call twice.
    """

    def __init__(self) -> None:
        self.count = 0
        self._open: set[str] = set()
        self._ended: set[str] = set()
        self.approvals = RunApprovals()

    @property
    def any_open(self) -> bool:
        return bool(self._open)

    def note(self, event: RunTool) -> list[TurnEvent]:
        begins = event.tool.phase == "start"
        if event.call_id in self._ended or (begins and event.call_id in self._open):
            return []
        if begins:
            self._open.add(event.call_id)
            self.count += 1
        else:
            self._open.discard(event.call_id)
            self._ended.add(event.call_id)
        return [] if event.hidden else [event.tool]

    def forget_open(self) -> list[TurnEvent]:
        self._open.clear()
        return self.approvals.expire()


class Run:
    def __init__(self, message_id: str) -> None:
        self.run_ids = [message_id]
        self.words = Spoken()
        self.calls = Calls()
        self._files: set[str] = set()  # that its text names; after a restart it names them again
        self.end: RunEnded | RunFailed | None = None
        self._shown_by = ""  # the run whose words are shown
        self._looped = ""  # what OpenClaw said when it ended a loop
        self._strange_ends: set[str] = set()

    @property
    def text(self) -> str:
        return self.words.shown

    @property
    def files(self) -> int:
        """How many it has named so far, to be handed over."""
        return len(self._files)

    @property
    def is_merged(self) -> bool:
        """It ended without a word of its own: OpenClaw put the message into another run of the session."""
        end = self.end
        return isinstance(end, RunEnded) and not end.aborted and not end.text and self._shown_by != end.run_id

    def receive(self, event: RunEvent) -> list[TurnEvent]:
        """An end comes twice where it is an error, and where a message was sent by a tool: the first one counts."""
        if isinstance(event, RunAsked) and self.end is None:  # in its session, whichever run of OpenClaw's it is
            return self.calls.approvals.note(event.asked.approval)
        if event.run_id not in self.run_ids:
            self._remember(event)
        return self._take(event) if event.run_id in self.run_ids and self.end is None else []

    def _take(self, event: RunEvent) -> list[TurnEvent]:
        match event:
            case RunText():
                return self._say(event)
            case RunTool():
                self.words.close()
                return self.calls.note(event)
            case RunEnded() | RunFailed():
                return [*self.calls.approvals.expire(), *self._finish(event)]
        return []

    def recall(self, events: Iterable[RunTool]) -> list[TurnEvent]:
        """Tools of which the transcript tells; those that were seen are not shown again."""
        return [shown for event in events for shown in self.calls.note(event)]

    def reopen(self) -> None:
        self.end = None

    def adopt(self, run_id: str) -> bool:
        """From now on this run is ours too. Did it end before we knew? Then nothing of it was heard."""
        if run_id not in self.run_ids:
            self.run_ids.append(run_id)
        ended = run_id in self._strange_ends
        self._strange_ends.discard(run_id)
        return ended

    def restart(self) -> list[TurnEvent]:
        """OpenClaw died: its tool calls and what it asked are gone, and a run that only ends in the next one has said
        nothing there."""
        self._shown_by = ""
        return self.calls.forget_open()

    def _say(self, event: RunText) -> list[TurnEvent]:
        if event.text.startswith(LOOPED):
            self._looped = event.text
            return []
        self._files.update(event.files)
        self._shown_by = event.run_id
        return self.words.say(event.part, event.text, whole=event.whole)

    def _remember(self, event: RunEvent) -> None:
        if isinstance(event, RunEnded | RunFailed):
            self._strange_ends.add(event.run_id)

    def _finish(self, event: RunEnded | RunFailed) -> list[TurnEvent]:
        self.end = event
        if isinstance(event, RunFailed):
            self.end = RunFailed(event.run_id, event.session, self._looped or event.message)
            return []
        return self.words.finish(event.text) if event.text else []
