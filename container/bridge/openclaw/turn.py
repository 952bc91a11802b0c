"""One turn from the message to its end, through lost sockets and dead OpenClaws: never two answers, never none.

`chat.send` is safe to repeat while OpenClaw lives: it knows the message id. A new OpenClaw does not, but its
transcript does, and it resumes by itself what was interrupted. So after every new connection the transcript is asked
first, an OpenClaw that was started again gets some seconds to resume, and only then the message is sent once more.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from chalicelib.domain.failures import CUT_OFF, DIED, HUNG, UNAVAILABLE, classify, is_strange
from chalicelib.domain.turn import Delta, Failed, Finished, TurnEvent
from container.bridge.openclaw.connection import Closed, ConnectionLost, GatewayError, Notice, Opened, RequestRefused
from container.bridge.openclaw.history import (
    Answered,
    Broken,
    Standing,
    Underway,
    Unknown,
    build_history,
    find_turn,
    is_busy,
)
from container.bridge.openclaw.merged import Look, Merged
from container.bridge.openclaw.message import Cancelled, Link, Message, Patience
from container.bridge.openclaw.names import Names
from container.bridge.openclaw.protocol import Json, RunEvent, RunFailed, build_send
from container.bridge.openclaw.run import Run
from container.bridge.openclaw.transcript import complete, read_usage

MOST_SENDS = 2
SILENT = Finished("", "stop", None)  # it has nothing to say, whatever one tries


class Turn:
    def __init__(
        self,
        link: Link,
        message: Message,
        clock: Callable[[], float],
        patience: Patience,
        on_hang: Callable[[], None],
    ) -> None:
        self.inbox: queue.SimpleQueue[Notice | Cancelled] = queue.SimpleQueue()
        self._link = link
        self._message = message
        self._clock = clock
        self._patience = patience
        self._on_hang = on_hang
        self._run = Run(message.id)
        self._names = Names(message.id)
        self._outcome: Finished | Failed | None = None
        self._connected = False
        self._cancelled = False
        self._subscribed = False
        self._boot: str | None = None  # of the OpenClaw that was asked last
        self._sent_to: str | None = None  # boot id of the OpenClaw that got the message
        self._sends = 0
        self._waiting_since: float | None = None  # while we wait for OpenClaw to resume
        self._merged = Merged(clock, patience)
        self._again_after: float | None = None  # while OpenClaw takes no requests

    def play(self, fresh: bool) -> Iterator[TurnEvent]:
        """`fresh`: nobody ever sent this message, so nobody needs to be asked whether it is there."""
        if self._link.is_open:
            self._connect(self._link.boot_id)
            yield from self._send() if fresh else self._reconcile()
        while self._outcome is None:
            yield from self._advance()
        yield self._outcome

    def _advance(self) -> Iterator[TurnEvent]:
        try:
            notice = self.inbox.get(timeout=self._wait())
        except queue.Empty:
            yield from self._lose_patience()
            return
        match notice:
            case Opened() if not self._connected:
                self._connect(notice.boot_id)
                yield from self._reconcile()
            case Closed():
                self._connected = False
            case Cancelled():
                self._cancel()
            case RunEvent():
                yield from self._follow(notice)

    def _wait(self) -> float:
        if not self._connected:
            return self._patience.unavailable
        if self._again_after is not None:
            return self._again_after
        if since := self._waiting_since or self._merged.since:
            return max(self._patience.poll, (self._clock() - since) / 10)
        if self._cancelled:
            return self._patience.cancel
        return self._patience.tool if self._run.uses_tool else self._patience.hang

    def _lose_patience(self) -> Iterator[TurnEvent]:
        if not self._connected:
            self._on_hang()
            self._outcome = UNAVAILABLE
        elif self._again_after is not None:
            yield from self._send()
        elif self._waiting_since is not None:
            yield from self._reconcile()
        elif self._merged.since is not None:
            yield from self._find_merged()
        elif self._cancelled:
            self._outcome = Finished(self._run.text, "cancelled", None)
        else:
            self._abort(self._run.run_ids)
            self._on_hang()
            self._outcome = HUNG

    def _connect(self, boot_id: str) -> None:
        self._connected = True
        self._subscribed = False
        if boot_id != self._boot:
            self._run.restart()
            self._waiting_since = None
            self._merged.forget()
        self._boot = boot_id

    def _follow(self, event: RunEvent) -> Iterator[TurnEvent]:
        if event.run_id in self._run.run_ids:
            self._waiting_since = None
        yield from self._run.receive(event)
        yield from self._conclude()

    def _conclude(self) -> Iterator[TurnEvent]:
        end = self._run.end
        if end is None or self._outcome is not None:
            return
        if isinstance(end, RunFailed):
            yield from self._fail(end.message)
        elif self._run.is_merged:
            self._run.reopen()
            yield from self._find_merged()
        elif end.aborted and not self._cancelled:
            self._outcome = CUT_OFF
        else:
            yield Delta("", last=True)  # what the answer cost takes another request: show the last words before it
            usage = read_usage(self._link, self._message, self._run.tool_calls)
            self._outcome = Finished(self._run.text, "cancelled" if end.aborted else "stop", usage)

    def _fail(self, message: str) -> Iterator[TurnEvent]:
        """What failed strangely, where an earlier run of it has left its traces, gets one more run without them."""
        if self._cancelled:
            self._outcome = Finished(self._run.text, "cancelled", None)
        elif self._names.has_past and is_strange(message):
            self._run.reopen()
            yield from self._send_anew(classify(message))
        else:
            self._outcome = classify(message)

    def _find_merged(self) -> Iterator[TurnEvent]:
        """OpenClaw put the message into another run of the session: the answer comes with that one, perhaps later."""
        history = self._ask("chat.history", build_history(self._message.session))
        if history is None:
            return
        standing = self._read(history)
        if isinstance(standing, Answered | Broken):
            yield from self._settle(standing)
            return
        match self._merged.look(busy=is_busy(history)):
            case Look.LOST:
                yield from self._send_anew(DIED if isinstance(standing, Unknown) else SILENT)
            case Look.HUNG:
                self._outcome = HUNG

    def _send_anew(self, otherwise: Finished | Failed) -> Iterator[TurnEvent]:
        """Under a name of its own: the names used so far are answered with what became of them."""
        self._merged.forget()
        if self._names.renew():
            yield from self._run.adopt(self._names.choose())
            yield from self._send()
        else:
            self._outcome = otherwise

    def _reconcile(self) -> Iterator[TurnEvent]:
        """Goes on from what OpenClaw knows of the message."""
        if (standing := self._look_up()) is not None:
            yield from self._settle(standing)

    def _look_up(self) -> Standing | None:
        history = self._ask("chat.history", build_history(self._message.session))
        return self._read(history) if history is not None else None

    def _read(self, history: Json) -> Standing:
        self._names.learn(history)
        return find_turn(complete(self._link, self._message, history), self._message.id)

    def _settle(self, standing: Standing) -> Iterator[TurnEvent]:
        match standing:
            case Unknown():
                self._abort(standing.resumed)
                yield from self._run.adopt(self._names.choose())
                yield from self._send()
            case Underway():
                self._subscribe()
                yield from self._attach(standing) if standing.active else self._await_resumption(standing)
            case Answered(cancelled=True) if not self._cancelled and self._sent_to != self._boot:
                yield from self._send()  # an earlier bridge had to go in the middle of it; nobody had cancelled
            case Answered():
                yield from self._run.show(standing.text)
                self._outcome = Finished(standing.text, "cancelled" if standing.cancelled else "stop", standing.usage)
            case Broken():
                yield from self._fail(standing.message)

    def _subscribe(self) -> None:
        """Tool events go to the connection that sent the message and to those that ask for them, this way."""
        if not self._subscribed:
            self._subscribed = True
            with suppress(GatewayError):
                self._link.request("sessions.subscribe", {}, 5.0)

    def _attach(self, standing: Underway) -> Iterator[TurnEvent]:
        self._waiting_since = None
        for run_id in standing.run_ids:
            yield from self._run.adopt(run_id)
        if standing.text is not None and self._run.end is None:
            yield from self._run.show(standing.text)
        yield from self._conclude()
        if self._cancelled and self._outcome is None:
            self._abort(self._run.run_ids)

    def _await_resumption(self, standing: Underway) -> Iterator[TurnEvent]:
        for run_id in standing.run_ids:
            yield from self._run.adopt(run_id)
        yield from self._conclude()
        if self._outcome is not None:
            return
        self._waiting_since = self._waiting_since or self._clock()
        waited = self._clock() - self._waiting_since
        if self._cancelled and waited > self._patience.cancel:
            self._abort(self._run.run_ids)
            self._outcome = Finished(self._run.text, "cancelled", None)
        elif standing.expected:  # sending now would give two runs and an empty answer
            self._outcome = HUNG if waited > self._patience.resume else None
        elif self._sent_to == self._boot or waited > self._patience.decide:
            self._waiting_since = None
            yield from self._send()

    def _send(self) -> Iterator[TurnEvent]:
        self._again_after = None
        if self._cancelled:
            self._outcome = Finished(self._run.text, "cancelled", None)
            return
        if self._sent_to != self._boot:
            self._sends += 1
        if self._sends > MOST_SENDS:
            self._outcome = DIED
            return
        self._sent_to = self._boot
        asked = self._message
        order = build_send(asked.session, self._names.current, asked.text, asked.attachments)
        answer = self._ask("chat.send", order)
        if answer is not None and answer.get("status") not in ("started", "in_flight"):
            yield from self._look_back(answer)

    def _look_back(self, answer: Json) -> Iterator[TurnEvent]:
        """OpenClaw says that the run is over."""
        if answer.get("summary") == "aborted":
            self._outcome = Finished(self._run.text, "cancelled", None)
            return
        standing = self._look_up()
        if isinstance(standing, Answered | Broken):
            yield from self._settle(standing)
        elif standing is not None:
            self._outcome = classify(str(answer.get("summary") or "interrupted"))

    def _ask(self, method: str, params: Json) -> Json | None:
        """None: there is no answer, and what comes next is a new connection, a later attempt or the outcome."""
        try:
            return self._link.request(method, params)
        except ConnectionLost:
            self._link.drop()
        except RequestRefused as error:
            self._again_after = error.refusal.retry_after
            if self._again_after is None:
                self._outcome = classify(error.refusal.message)
        return None

    def _cancel(self) -> None:
        self._cancelled = True
        if self._sent_to is None and self._waiting_since is None:
            self._outcome = Finished(self._run.text, "cancelled", None)
        elif self._connected:
            self._abort(self._run.run_ids)

    def _abort(self, run_ids: Iterable[str]) -> None:
        for run_id in run_ids:
            with suppress(GatewayError):
                self._link.request("chat.abort", {"sessionKey": self._message.session, "runId": run_id}, 5.0)
