"""The events of one turn's runs, put together: each word once, each tool once, one end. No I/O.

OpenClaw sends the whole answer so far with every delta. Keeping what was shown and comparing makes all the special
cases one: increments, an answer taken back for a retry, a lost socket, and a run resumed under another id.
"""

from __future__ import annotations

from chalicelib.domain.turn import Delta, TurnEvent
from container.bridge.openclaw.protocol import RunEnded, RunEvent, RunFailed, RunText, RunTool


class Run:
    def __init__(self, message_id: str) -> None:
        self.run_ids = [message_id]
        self.text = ""
        self.end: RunEnded | RunFailed | None = None
        self.tool_calls = 0
        self._shown_by = ""  # the run whose words `text` is
        self._open_calls: set[str] = set()
        self._ended_calls: set[str] = set()
        self._strange_ends: dict[str, RunEnded | RunFailed] = {}

    @property
    def uses_tool(self) -> bool:
        return bool(self._open_calls)

    @property
    def is_merged(self) -> bool:
        """It ended without a word of its own: OpenClaw put the message into another run of the session."""
        end = self.end
        return isinstance(end, RunEnded) and not end.aborted and not end.text and self._shown_by != end.run_id

    def receive(self, event: RunEvent) -> list[TurnEvent]:
        """An end comes twice where it is an error: the first one counts."""
        if event.run_id not in self.run_ids:
            self._remember(event)
            return []
        if self.end is not None:
            return []
        match event:
            case RunText():
                self._shown_by = event.run_id
                return self.show(event.text)
            case RunTool():
                return self._use_tool(event)
            case RunEnded() | RunFailed():
                return self._finish(event)
        return []

    def show(self, text: str) -> list[TurnEvent]:
        shown, self.text = self.text, text
        if text == shown:
            return []
        if text.startswith(shown):
            return [Delta(text[len(shown) :])]
        return [Delta(text, replace=True)]

    def reopen(self) -> None:
        self.end = None

    def adopt(self, run_id: str) -> list[TurnEvent]:
        """From now on this run is ours too; if it ended before we knew, it ends now."""
        if run_id not in self.run_ids:
            self.run_ids.append(run_id)
        end = self._strange_ends.pop(run_id, None)
        return self.receive(end) if end else []

    def restart(self) -> None:
        """OpenClaw died: its tool calls are gone, and a run that only ends in the next one has said nothing there."""
        self._open_calls.clear()
        self._shown_by = ""

    def _remember(self, event: RunEvent) -> None:
        if isinstance(event, RunEnded | RunFailed):
            self._strange_ends.setdefault(event.run_id, event)

    def _use_tool(self, event: RunTool) -> list[TurnEvent]:
        """Who both sent the message and subscribed to the session is told everything twice."""
        is_start = event.tool.phase == "start"
        if event.call_id in self._ended_calls or (is_start and event.call_id in self._open_calls):
            return []
        if is_start:
            self._open_calls.add(event.call_id)
            self.tool_calls += 1
        else:
            self._open_calls.discard(event.call_id)
            self._ended_calls.add(event.call_id)
        return [event.tool]

    def _finish(self, event: RunEnded | RunFailed) -> list[TurnEvent]:
        self.end = event
        return self.show(event.text) if isinstance(event, RunEnded) and event.text else []
