"""OpenClaw as the bridge sees it: run a turn, stop it, choose its model. Implements the port `Gateway`."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from chalicelib.domain.failures import UNAVAILABLE, classify
from chalicelib.domain.turn import Attachment, Failed, TurnEvent
from container.bridge.openclaw.connection import Connection, GatewayError, Notice, RequestRefused
from container.bridge.openclaw.message import Cancelled, Message, Patience
from container.bridge.openclaw.protocol import RunEvent, build_send, session_key
from container.bridge.openclaw.turn import Turn
from container.bridge.ports import ModelRefused

log = logging.getLogger(__name__)


class OpenClawGateway:
    def __init__(
        self,
        url: str,
        token: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        patience: Patience | None = None,
        on_hang: Callable[[], None] = lambda: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_hang` is called when OpenClaw gives no sign of life: ask for its restart there.

        `on_change` when the connection was lost or is there again; it must not take time.
        """
        self._clock = clock
        self._patience = patience or Patience()
        self._on_hang = on_hang
        self._on_change = on_change
        self._turns: dict[tuple[str, str], Turn] = {}
        self._heard_at: float | None = None
        self._lock = threading.Lock()
        # Turns of a conversation come one at a time and oldest first: only the first one that this process runs
        # can have been sent by an earlier process, and later ones only by ourselves.
        self._sessions: set[str] = set()
        self._started: set[str] = set()
        self._given_up: set[str] = set()  # sessions in which OpenClaw may still resume a turn that failed for us
        self._connection = Connection(url, token, self._notify)
        self._connection.start()

    def run(
        self,
        session: str,
        message_id: str,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        fresh: bool = False,
    ) -> Iterator[TurnEvent]:
        """Sends the message and yields until Finished or Failed, always exactly one of them and last.

        Safe to call again for the same message after any crash: what OpenClaw already has is not sent again. The
        question costs one request; `fresh` says that nobody ever sent this message and saves it.
        """
        key = session_key(session)
        turn = Turn(
            self._connection,
            Message(key, message_id, text, tuple(attachments)),
            self._clock,
            self._patience,
            self._on_hang,
        )
        with self._lock:
            fresh = self._is_fresh(key, message_id, fresh)
            self._turns[key, message_id] = turn
        try:
            for event in turn.play(fresh):
                if isinstance(event, Failed):
                    self._given_up.add(key)
                yield event
        finally:
            with self._lock:
                self._turns.pop((key, message_id), None)

    def _is_fresh(self, key: str, message_id: str, promised: bool) -> bool:
        fresh = message_id not in self._started and key not in self._given_up and (promised or key in self._sessions)
        self._sessions.add(key)
        self._started.add(message_id)
        self._given_up.discard(key)
        return fresh

    def abort(self, session: str, message_id: str) -> None:
        """The turn then ends as Finished, with what there is of the answer."""
        key = session_key(session)
        with self._lock:
            turn = self._turns.get((key, message_id))
        if turn:
            turn.inbox.put(Cancelled())
            return
        with suppress(GatewayError):
            self._connection.request("chat.abort", {"sessionKey": key, "runId": message_id})

    def set_model(self, session: str, model: str | None) -> None:
        """None: the agent's own. Waits for an OpenClaw that is being started again. Raises ModelRefused."""
        self._connection.wait_open(self._patience.unavailable)
        try:
            self._connection.request("sessions.patch", {"key": session_key(session), "model": model})
        except RequestRefused as error:
            raise ModelRefused(classify(error.refusal.message)) from error
        except GatewayError as error:
            raise ModelRefused(UNAVAILABLE) from error

    def next_wake(self) -> datetime | None:
        """When OpenClaw's own cron has something to do; None when it has nothing, or cannot be asked."""
        with suppress(GatewayError):
            at = self._connection.request("cron.status", {}, 5.0).get("nextWakeAtMs")
            return None if at is None else datetime.fromtimestamp(at / 1000, UTC)
        return None

    def silence(self) -> timedelta | None:
        heard = self._heard_at
        return None if heard is None else timedelta(seconds=self._clock() - heard)

    def wait_ready(self, timeout: float) -> bool:
        return self._connection.wait_open(timeout)

    def warm_up(self) -> None:
        """Has OpenClaw load what its first turn needs; no model is asked and nothing of it is kept."""
        key, message_id = session_key(f"warm-up-{uuid.uuid4()}"), str(uuid.uuid4())
        command = {**build_send(key, message_id, "/status"), "suppressCommandInterpretation": False}
        try:
            self._connection.request("chat.send", command)
            self._connection.request("agent.wait", {"runId": message_id, "timeoutMs": 20_000})
            self._connection.request("sessions.delete", {"key": key})
        except GatewayError as error:
            log.warning("the warm-up did not succeed: %s", error)

    def close(self) -> None:
        self._connection.close()

    def _notify(self, notice: Notice) -> None:
        if isinstance(notice, RunEvent):
            self._heard_at = self._clock()
        else:
            self._on_change()
        with self._lock:
            turns = list(self._turns.items())
        for (key, _), turn in turns:
            if not isinstance(notice, RunEvent) or notice.session == key:
                turn.inbox.put(notice)
