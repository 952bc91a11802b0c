"""The bridge's port `Gateway` over the simulated OpenClaw: keeps what bridge/openclaw/gateway.py promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.domain.turn import Attachment, Delta, Failed, Finished, TurnEvent, Usage
from tests.simulation.concurrency import Bell
from tests.simulation.openclaw import BROKEN, OpenClaw, Run
from tests.simulation.ports import Line

HANG, TOOL, UNAVAILABLE_FOR, DECIDE, CANCEL = 180.0, 1800.0, 120.0, 1.0, 5.0  # seconds of patience
MOST_SENDS = 2
UNAVAILABLE = Failed("agent_unavailable", "The agent could not be reached.", True)
HUNG = Failed("interrupted", "The agent stopped answering.", True)
DIED = Failed("interrupted", "The agent was interrupted again and again by this message.", True)


class SimulatedGateway:
    def __init__(self, line: Line, openclaw: OpenClaw, on_hang: Callable[[], None]) -> None:
        self._line, self._openclaw, self._on_hang = line, openclaw, on_hang
        self._bells: dict[str, Bell] = {}
        self._cancelled: set[str] = set()
        openclaw.news = self._spread

    def run(
        self,
        session: str,
        message_id: str,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        fresh: bool = False,
    ) -> Iterator[TurnEvent]:
        self._line.travel()
        follower = Follower(self, session, message_id, text, fresh=fresh)
        self._bells[message_id] = follower.bell
        try:
            yield from follower.follow()
        finally:
            self._bells.pop(message_id, None)
            self._cancelled.discard(message_id)

    def abort(self, session: str, message_id: str) -> None:
        self._line.travel()
        if message_id in self._bells:
            self._cancelled.add(message_id)
            self._bells[message_id].set()
        self._openclaw.abort(message_id)

    def set_model(self, session: str, model: str | None) -> None:
        self._line.travel()

    def next_wake(self) -> datetime | None:
        self._line.travel()
        return None

    def silence(self) -> timedelta | None:
        heard_at = self._openclaw.heard_at
        return None if heard_at is None else timedelta(seconds=self._line.scheduler.now - heard_at)

    def wait_ready(self, timeout: float) -> bool:
        self._line.scheduler.pause(0.01 if self._openclaw.up else timeout)
        return self._openclaw.up

    def warm_up(self) -> None:
        self._line.travel()

    def close(self) -> None:
        self._line.travel()

    def _spread(self) -> None:
        for bell in self._bells.values():
            bell.set()


class Follower:
    """One turn, from the message to its outcome."""

    def __init__(self, gateway: SimulatedGateway, session: str, message_id: str, text: str, *, fresh: bool) -> None:
        self._line, self._openclaw = gateway._line, gateway._openclaw
        self._gateway = gateway
        self._session, self._id, self._text = session, message_id, text
        self.bell = Bell(self._line.scheduler)
        self._shown = ""
        self._sends = 0
        self._sent_to = 0
        self._fresh = fresh

    def follow(self) -> Iterator[TurnEvent]:
        outcome: Finished | Failed | None = None
        while outcome is None:
            outcome = self._unsent()
            if outcome is None and self._openclaw.up:
                yield from self._show()
                outcome = self._ended() or self._wait()
        yield from self._last_words(outcome)
        yield outcome

    @property
    def _cancelled(self) -> bool:
        return self._id in self._gateway._cancelled

    @property
    def _run(self) -> Run | None:
        return self._openclaw.transcript.get(self._id)

    def _unsent(self) -> Finished | Failed | None:
        """Sees to it that a run of the message exists; the outcome where there can be none."""
        if not self._openclaw.up:
            self.bell.wait(UNAVAILABLE_FOR)
            if self._openclaw.up:
                return None
            self._gateway._on_hang()
            return UNAVAILABLE
        if self._fresh and not self._sends:
            return self._send()
        run = self._run
        if run and (self._settled(run) or self._openclaw.underway(self._id)):
            return None
        if run and self._sent_to != self._openclaw.boot:
            self._line.scheduler.pause(DECIDE)  # it may resume the turn by itself
            if self._openclaw.underway(self._id) or not self._openclaw.up:
                return None
        return self._send()

    def _settled(self, run: Run) -> bool:
        """A torso that an earlier bridge had to leave is no answer."""
        torso = run.state == "cancelled" and run.boot != self._openclaw.boot and not self._cancelled
        return run.state != "running" and not torso

    def _send(self) -> Finished | Failed | None:
        if self._cancelled:
            return Finished(self._shown, "cancelled", None)
        self._sends += 1
        if self._sends > MOST_SENDS:
            return DIED
        self._sent_to = self._openclaw.boot
        self._openclaw.send(self._id, self._session, self._text)
        return None

    def _show(self) -> Iterator[TurnEvent]:
        run = self._run
        if run is None or run.text == self._shown:
            return
        shown, self._shown = self._shown, run.text
        if run.text.startswith(shown):
            yield Delta(run.text[len(shown) :])
        else:
            yield Delta(run.text, replace=True)

    def _ended(self) -> Finished | Failed | None:
        run = self._run
        if run is None or not self._settled(run):
            return None
        if run.state == "failed":
            return BROKEN
        if run.state == "cancelled":
            return Finished(run.text, "cancelled", None)
        return Finished(run.text, "stop", Usage(10, 5, 0.001))

    def _wait(self) -> Finished | Failed | None:
        if self._cancelled:
            self._openclaw.abort(self._id)
        patience = CANCEL if self._cancelled else TOOL if self._uses_tool else HANG
        if self.bell.wait(patience) or not self._openclaw.up:
            return None
        if self._cancelled:
            return Finished(self._shown, "cancelled", None)
        self._openclaw.abort(self._id)
        self._gateway._on_hang()
        return HUNG

    @property
    def _uses_tool(self) -> bool:
        run = self._run
        return bool(run and run.tool)

    def _last_words(self, outcome: Finished | Failed) -> Iterator[TurnEvent]:
        if isinstance(outcome, Finished) and outcome.text != self._shown:
            yield from self._show()
