"""The relay of one start: keys that are read anew, what the agent is told, and whose words a refusal has."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.turn import Choice, Failed, Finished, TurnEvent
from container.agent.relay import KEY_NAMES, Relay
from container.bridge.config import RelayConfig
from container.bridge.relay.explained import ExplainedGateway
from container.bridge.relay.keys import Keys
from container.bridge.relay.ledger import CallLedger, LedgerCall
from container.bridge.relay.providers import PROVIDERS
from container.bridge.relay.service import RelayPorts, RelayService
from container.bridge.relay.usage import TokenUsage
from container.bridge.threads import Threads
from container.files import SMALL
from tests.bridge.relay.conftest import in_time


@pytest.fixture
def keys() -> dict[str, str]:
    return {"anthropic": "sk-a", "google": " "}


@pytest.fixture
def service(keys: dict[str, str]) -> Iterator[RelayService]:
    service = RelayService(RelayConfig(demo_url="http://127.0.0.1:1/x"), RelayPorts(keys.get, Threads()))
    service.start(datetime.now(UTC))
    yield service
    service.close()


def test_the_agent_is_told_of_providers_that_have_a_key_and_of_no_key(service: RelayService) -> None:
    order = service.order()
    assert "sk-a" not in json.dumps(order)
    relay = Relay.read(order)
    assert relay.providers == ("demo", "anthropic")
    assert relay.tokens == {"ANTHROPIC_API_KEY": relay.token}
    assert relay.demo_url == f"{relay.url}/{relay.token}/demo"


def test_what_the_agent_is_told_fits_into_its_file(service: RelayService) -> None:
    order = {**service.order(), "providers": ["demo", *KEY_NAMES]}
    assert len(json.dumps({"token": "0" * 64, "restarts": 10**6, "relay": order})) < SMALL


def test_agent_and_relay_speak_of_the_same_providers() -> None:
    assert {provider.name for provider in PROVIDERS} == set(KEY_NAMES)


def test_each_start_has_a_token_of_its_own() -> None:
    made = [RelayService(RelayConfig(), RelayPorts(lambda name: None, Threads())) for _ in range(2)]
    assert len({service._token for service in made}) == 2


def test_a_relay_that_was_made_and_not_started_has_done_nothing() -> None:
    before = set(threading.enumerate())
    service = RelayService(RelayConfig(), RelayPorts(lambda name: pytest.fail("asked"), Threads()))
    service.ring()
    service.close()
    in_time(lambda: set(threading.enumerate()) <= before)


class Cloud:
    def __init__(self) -> None:
        self.key, self.away = "one", False

    def read(self, provider: str) -> str | None:
        if self.away:
            raise ConnectionError("the cloud is away")
        return self.key


def test_a_key_that_cannot_be_read_is_the_one_it_was() -> None:
    cloud = Cloud()
    keys = Keys(cloud.read, Threads())
    assert (keys.key("openai"), keys.present(["openai"])) == ("one", ["openai"])
    cloud.away = True
    assert (keys.key("openai"), keys.present(["openai"])) == ("one", ["openai"])
    cloud.away, cloud.key = False, "two"
    keys.refresh()
    in_time(lambda: keys._last["openai"] == "two")


class FailingGateway:
    """Ends each turn as it is told; the ledger hears of a refusal meanwhile."""

    def __init__(self, ledger: CallLedger, end: TurnEvent, refused: bool) -> None:
        self._ledger, self._end, self._refused = ledger, end, refused

    def run(self, *given: Any, **more: Any) -> Iterator[TurnEvent]:
        if self._refused:
            self._ledger.note(LedgerCall("a/b", 402, TokenUsage(), 0.0, False, 0.0, "refused"))
        yield self._end

    def __getattr__(self, name: str) -> Any:
        return lambda *given: (name, given)


BILLING = Failed("model_auth", "no credit", False, "model_auth.no_credit")
CUT = Finished("so far", "broken", None, BILLING)


def end(given: TurnEvent, refused: bool, earlier: bool = False) -> TurnEvent:
    now = iter(range(100))
    ledger = CallLedger(lambda: float(next(now)))
    if earlier:
        ledger.note(LedgerCall("a/b", 402, TokenUsage(), 0.0, False, 0.0, "refused"))
    gateway = ExplainedGateway(FailingGateway(ledger, given, refused), ledger)
    (only,) = gateway.run("s", "m", "text", choice=Choice(None))
    return only


def test_a_turn_that_failed_because_we_refused_says_so() -> None:
    told = end(BILLING, refused=True)
    assert isinstance(told, Failed)
    assert told.key == "model_auth.allowance_spent"
    cut = end(CUT, refused=True)
    assert isinstance(cut, Finished)
    assert (cut.text, cut.failure and cut.failure.key) == ("so far", "model_auth.allowance_spent")


@pytest.mark.parametrize("given", [BILLING, CUT, Finished("all", "stop", None)])
def test_a_refusal_of_the_providers_own_stays_theirs(given: TurnEvent) -> None:
    assert end(given, refused=False) == given
    assert end(given, refused=False, earlier=True) == given


def test_a_turn_that_failed_otherwise_keeps_its_reason() -> None:
    stopped = Failed("interrupted", "stopped", True, "interrupted.stopped")
    assert end(stopped, refused=True) is stopped


def test_all_else_is_openclaws_gateway() -> None:
    ledger = CallLedger()
    gateway = ExplainedGateway(FailingGateway(ledger, BILLING, False), ledger)
    calls: Sequence[tuple[str, tuple[Any, ...]]] = [
        ("abort", ("s", "m")),
        ("fetch", ("s", "a", 1)),
        ("next_wake", ()),
        ("silence", ()),
        ("wait_ready", (1.0,)),
    ]
    for name, given in calls:
        got: Any = getattr(gateway, name)(*given)
        assert got is None or got == (name, given)
    for name in ("warm_up", "keep_warm", "close"):
        getattr(gateway, name)()
