"""The bridge's gateway, which also notes when Stop is heard, when the turn is over, and what it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.domain.turn import Attachment, Failed, Finished, TurnEvent
from container.bridge.openclaw.protocol import session_key
from container.bridge.ports import Gateway, Suspension
from tests.simulation.history import History


class Listening:
    """Implements the port `Gateway` by passing everything on."""

    def __init__(self, gateway: Gateway, history: History, user: str) -> None:
        self._gateway, self._history, self._user = gateway, history, user

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def abort(self, session: str, message_id: str) -> None:
        self._history.count(f"Stop was heard {self._where(session, message_id)}")
        self._note("stop_heard", message_id)
        self._gateway.abort(session, message_id)

    def run(
        self, session: str, message_id: str, text: str, attachments: Sequence[Attachment] = (), **options: Any
    ) -> Iterator[TurnEvent]:
        """What comes behind the outcome, its files, is no part of the exchange any more."""
        self._note("turn_began", message_id)
        for event in self._gateway.run(session, message_id, text, attachments, **options):
            if isinstance(event, Finished | Failed):
                self._note("turn_over", message_id)
            yield event

    def suspend(self) -> Suspension | None:
        suspension = self._gateway.suspend()
        self._history.note("suspend_asked", answered=suspension is not None)
        return suspension

    def _where(self, session: str, message_id: str) -> str:
        turns: Any = self._gateway._turns  # type: ignore[attr-defined]
        turn = turns.get((session_key(session), message_id))
        return f"while {turn.exchange.phase.value}" if turn else "beside its turn"

    def _note(self, kind: str, message_id: str) -> None:
        self._history.note(kind, user=self._user, message=message_id)
