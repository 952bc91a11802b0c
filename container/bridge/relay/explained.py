"""OpenClaw's gateway, with our own words for a turn that failed because the owner's allowance is spent.

OpenClaw says of every refusal that the provider has sent it; the relay knows that it was its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.turn import Attachment, Choice, Decision, Failed, Finished, TurnEvent
from container.bridge.ports import Gateway, Suspension
from container.bridge.relay.ledger import CallLedger

SPENT = failed("model_auth.allowance_spent")
OF_THE_MODEL = ("model_auth", "model_error", "rate_limited")


class ExplainedGateway:
    """Implements the port `Gateway`."""

    def __init__(self, gateway: Gateway, ledger: CallLedger) -> None:
        self._gateway, self._ledger = gateway, ledger

    def run(
        self,
        session: str,
        message_id: str,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        fresh: bool = False,
        choice: Choice | None = None,
    ) -> Iterator[TurnEvent]:
        began = self._ledger.now()
        for event in self._gateway.run(session, message_id, text, attachments, fresh=fresh, choice=choice):
            yield self._explain(event, began)

    def abort(self, session: str, message_id: str) -> None:
        self._gateway.abort(session, message_id)

    def decide(self, approval_id: str, decision: Decision) -> None:
        self._gateway.decide(approval_id, decision)

    def fetch(self, session: str, artifact: str, most: int) -> bytes:
        return self._gateway.fetch(session, artifact, most)

    def next_wake(self) -> datetime | None:
        return self._gateway.next_wake()

    def suspend(self) -> Suspension | None:
        return self._gateway.suspend()

    def resume(self, suspension: Suspension) -> None:
        self._gateway.resume(suspension)

    def silence(self) -> timedelta | None:
        return self._gateway.silence()

    def wait_ready(self, timeout: float) -> bool:
        return self._gateway.wait_ready(timeout)

    def warm_up(self) -> None:
        self._gateway.warm_up()

    def keep_warm(self) -> None:
        self._gateway.keep_warm()

    def close(self) -> None:
        self._gateway.close()

    def _explain(self, event: TurnEvent, began: float) -> TurnEvent:
        match event:
            case Failed(code=code) if code in OF_THE_MODEL and self._ledger.refused_since(began):
                return SPENT
            case Finished(failure=Failed() as failure):
                told = self._explain(failure, began)
                return replace(event, failure=told) if isinstance(told, Failed) else event
        return event
