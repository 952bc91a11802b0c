"""The calls of OpenClaw to its models: checked, given the real key, passed on, counted.

The agent holds a token of this start in the place of each provider's key. It goes on speaking to the providers' own
addresses, through a proxy that is this one, so that it asks for all that it would ask for without us.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from container.bridge.relay.allowance import Allowance, Unlimited
from container.bridge.relay.caller import Caller
from container.bridge.relay.exchange import Passage, PassedAnswer, Timing
from container.bridge.relay.keys import Keys
from container.bridge.relay.ledger import REFUSED, CallLedger, LedgerCall
from container.bridge.relay.prices import price_of
from container.bridge.relay.providers import ModelProvider
from container.bridge.relay.request import CallRefused, ModelCall, admit, decide
from container.bridge.relay.upstream import Pool
from container.bridge.relay.usage import Meter, TokenUsage, estimate
from container.bridge.relay.wire import HttpHead

log = logging.getLogger(__name__)
SPENT = "the owner's allowance for models is spent"


@dataclass(frozen=True)
class ModelRelay:
    token: str
    models: frozenset[str]  # that may be asked
    keys: Keys
    pool: Pool
    ledger: CallLedger = field(default_factory=CallLedger)
    allowance: Allowance = field(default_factory=Unlimited)
    timing: Timing = field(default_factory=Timing)

    def serve(self, caller: Caller, provider: ModelProvider, head: HttpHead | None) -> None:
        """Requests on one connection from `head` on, until either side ends it. Raises OSError, Malformed."""
        while head is not None:
            goes_on = self._admits(caller, provider, head) and self._answer(caller, provider, head)
            head = None if head.closes or not goes_on else caller.head()

    def _admits(self, caller: Caller, provider: ModelProvider, head: HttpHead) -> bool:
        """Nothing more is read of whoever has no token of this start."""
        try:
            admit(provider, head, self.token)
        except CallRefused as refusal:
            _refuse(caller, provider, refusal)
            return False
        return True

    def _answer(self, caller: Caller, provider: ModelProvider, head: HttpHead) -> bool:
        body = caller.body(head)
        try:
            return self._handle(caller, provider, head, body)
        except CallRefused as refusal:
            _refuse(caller, provider, refusal)
            return True

    def _handle(self, caller: Caller, provider: ModelProvider, head: HttpHead, body: bytes) -> bool:
        """False when the connection is of no use any more."""
        order = decide(provider, head, body, self.token, self.models)
        key = "" if provider.plain else self.keys.key(provider.name)
        if key is None:
            raise CallRefused(401, f"there is no API key for {provider.name}")
        reserved = order.most
        if reserved and not self.allowance.reserve(reserved):
            self.ledger.note(LedgerCall(order.model, REFUSED, TokenUsage(), 0.0, False, 0.0, "refused"))
            raise CallRefused(provider.spent, SPENT)
        call: LedgerCall | None = None
        try:
            answer, call = self._pass(caller, order, key)
        finally:
            if reserved:
                self.allowance.settle(reserved, call.dollars if call else reserved)
        caller.early += answer.early
        return answer.reusable

    def _pass(self, caller: Caller, order: ModelCall, key: str) -> tuple[PassedAnswer, LedgerCall]:
        began, meter = self.timing.clock(), Meter(order.provider.api.reader) if order.model else None
        answer, sent = PassedAnswer(), False
        try:
            upstream = self.pool.take(order.provider)
        except OSError as error:
            log.warning("%s cannot be reached: %s", order.provider.name, error)
        else:
            sent = True
            answer = self._exchange(caller, order, key, Passage(caller.connection, upstream, self.timing, meter))
        call = _account(order, answer, meter, sent, self.timing.clock() - began)
        if order.model:
            self.ledger.note(call)
        return answer, call

    def _exchange(self, caller: Caller, order: ModelCall, key: str, passage: Passage) -> PassedAnswer:
        upstream = passage.upstream
        try:
            upstream.sendall(order.render(key))
            answer = passage.run()
        except OSError as error:
            log.warning("the connection to %s broke: %s", order.provider.name, error)
            answer = passage.answer
        if answer.reusable:
            self.pool.give(order.provider, upstream)
        else:
            upstream.close()
        return answer


def _refuse(caller: Caller, provider: ModelProvider, refusal: CallRefused) -> None:
    log.warning("a call to %s was refused: %d %s", provider.name, refusal.status, refusal.words)
    caller.say(refusal.status, provider.api.refusal(refusal.status, refusal.words))


def _account(order: ModelCall, answer: PassedAnswer, meter: Meter | None, sent: bool, seconds: float) -> LedgerCall:
    """What was not told is estimated where the provider may have worked; an error costs nothing."""
    told = meter.end() if meter else None
    charged = sent and meter is not None and answer.status in (0, 200)
    estimated = charged and (told is None or answer.ending != "whole")
    usage = told or TokenUsage()
    if estimated and meter:
        guess = estimate(len(order.body), meter.bytes)
        usage = replace(told, output=max(told.output, guess.output)) if told else guess
    dollars = price_of(order.model).cost(usage) if charged else 0.0
    return LedgerCall(order.model, answer.status, usage, dollars, estimated, seconds, answer.ending)
