"""A bridge over fakes: OpenClaw says what a test tells it to, everything else is the real thing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.domain.turn import Attachment, Delta, Failed, Finished, TurnEvent
from chalicelib.tables.connections import Connection
from chalicelib.tables.rows import Rows
from container.bridge.ports import ModelRefused
from container.bridge.threads import Threads
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.scheduler import Turns
from tests.fakes.outside import FakePush
from tests.fakes.store import MemoryStore
from tests.tables.scenes import USER, running

TIMEOUT = 5.0  # seconds that nothing in these tests comes near to


def eventually(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not look():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.002)


class FakeGateway:
    """Answers "<text>!" at once; a message that begins with "slow" waits to be aborted or let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.attachments: list[Attachment] = []
        self.fresh: list[bool] = []  # of each that was asked: OpenClaw cannot have it already
        self.models: list[tuple[str, str | None]] = []
        self.aborted: set[str] = set()
        self.go = threading.Event()
        self.ready = True
        self.cron: datetime | None = None
        self.quiet: timedelta | None = None
        self.closed = False

    def run(
        self,
        session: str,
        message_id: str,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        fresh: bool = False,
    ) -> Iterator[TurnEvent]:
        self.asked.append(text)
        self.attachments += attachments
        self.fresh.append(fresh)
        if text.startswith("broken"):
            raise RuntimeError("a fault of ours")
        if text.startswith("refused"):
            yield Failed("model_auth", "The key is wrong.", retryable=False)
            return
        yield Delta(text)
        while text.startswith("slow") and message_id not in self.aborted and not self.go.wait(0.005):
            pass
        if message_id in self.aborted:
            yield Finished(text, "cancelled", None)
            return
        yield Delta("!")
        yield Finished(f"{text}!", "stop", None)

    def abort(self, session: str, message_id: str) -> None:
        self.aborted.add(message_id)

    def set_model(self, session: str, model: str | None) -> None:
        if model == "no/such-model":
            raise ModelRefused(Failed("model_error", "The model does not exist. Choose another.", retryable=False))
        self.models.append((session, model))

    def next_wake(self) -> datetime | None:
        return self.cron

    def silence(self) -> timedelta | None:
        return self.quiet

    def wait_ready(self, timeout: float) -> bool:
        return self.ready

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class FakeSupervisor:
    def __init__(self) -> None:
        self.orders: list[str] = []

    def go(self) -> None:
        self.orders.append("go")

    def restart(self) -> None:
        self.orders.append("restart")

    def halt(self, timeout: float) -> None:
        self.orders.append("halt")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Desk:
    """One user's running agent with one open page, and a bridge to serve it."""

    store: MemoryStore = field(default_factory=MemoryStore)
    push: FakePush = field(default_factory=FakePush)
    gateway: FakeGateway = field(default_factory=FakeGateway)

    def __post_init__(self) -> None:
        self.agent = running(self.store, now())
        self.rows = Rows.over(self.store, lambda seconds: None)
        self.rows.connections.open(Connection("page", USER), "http://localhost", now())
        self.deliveries = Deliveries(USER, self.rows, self.push, now)
        self.turns = Turns(self.agent.epoch, self.rows, self.deliveries, self.gateway, Threads(), now)

    def settle(self) -> None:
        """Looks until nothing waits and nothing runs."""

        def quiet() -> bool:
            self.turns.look()
            work = self.rows.inbox.look(USER)
            return not (self.turns.busy or work.messages or work.deliveries or work.catchups)

        eventually(quiet, "an empty inbox")

    def shown(self, page: str = "page") -> list[str]:
        return self.push.types(page)
