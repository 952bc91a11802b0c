"""A bridge over fakes: OpenClaw says what a test tells it to, everything else is the real thing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.failures import HUNG
from chalicelib.domain.own_work import OwnWork
from chalicelib.domain.turn import Attachment, Choice, Decision, Delta, Failed, Finished, TurnEvent
from chalicelib.long_texts import LongTexts
from chalicelib.pages import Pages
from chalicelib.tables.rows import Rows
from container.bridge.events import LifeEvent, Report
from container.bridge.ports import FileLost, FileTooLarge, Owner, Suspension
from container.bridge.turns.channels import Channels
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.parts import TurnParts
from container.bridge.turns.scheduler import TurnScheduler
from container.bridge.turns.uploads import UploadedFiles
from tests.fakes.concurrency import QuickTime
from tests.fakes.identity import identity
from tests.fakes.objects import MemoryObjects
from tests.fakes.outside import FakePush
from tests.fakes.store import MemoryStore
from tests.fakes.values import TALK
from tests.tables.scenes import USER, running

OTHER_TALK = "00000000-0000-4000-8000-00000000000f"
TIMEOUT = 5.0  # seconds that nothing in these tests comes near to


def eventually(look: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not look():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.002)


FAILS = {"hangs": HUNG, "refused": Failed("model_auth", "The key is wrong.", retryable=False)}  # by the first word


class FakeGateway:
    """Answers "<text>!" at once; a message that begins with "slow" waits to be aborted or let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.attachments: list[Attachment] = []
        self.fresh: list[bool] = []  # of each that was asked: OpenClaw cannot have it already
        self.models: list[tuple[str, str | None]] = []
        self.files: dict[str, bytes] = {}  # that the agent hands over, by OpenClaw's names
        self.outcome: Finished | None = None  # instead of the usual one
        self.events: list[TurnEvent] = []  # before it
        self.waits = False  # behind them, until it is let go; then they are told again
        self.aborted: set[str] = set()
        self.decided: list[tuple[str, Decision]] = []
        self.go = threading.Event()
        self.ready = True
        self.cron: datetime | None = None
        self.quiet: timedelta | None = None
        self.work: OwnWork | None = None  # NOTHING: busy with what ends in a moment
        self.answers = True  # who would suspend it
        self.questions = 0  # of those
        self.suspended: list[str] = []
        self.resumed: list[str] = []
        self.while_suspending: Callable[[], None] = lambda: None
        self.closed = False
        self.kept_warm = 0

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
        if choice and choice.model == "no/such-model":
            yield failed("model_error.model_unknown", model=choice.model)
            return
        self.asked.append(text)
        if choice:
            self.models.append((session, choice.model))
            yield choice
        self.attachments += attachments
        self.fresh.append(fresh)
        if text.startswith("broken"):
            raise RuntimeError("a fault of ours")
        if failure := next((FAILS[word] for word in FAILS if text.startswith(word)), None):
            yield failure
            return
        yield Delta(text)
        while text.startswith("slow") and message_id not in self.aborted and not self.go.wait(0.005):
            pass
        if message_id in self.aborted:
            yield Finished(text, "cancelled", None)
            return
        yield Delta("!")
        yield from self.events
        if self.waits:
            self.go.wait(TIMEOUT)
            yield from self.events
        yield self.outcome or Finished(f"{text}!", "stop", None)

    def abort(self, session: str, message_id: str) -> None:
        self.aborted.add(message_id)

    def decide(self, approval_id: str, decision: Decision) -> None:
        self.decided.append((approval_id, decision))

    def fetch(self, session: str, artifact: str, most: int) -> bytes:
        if artifact not in self.files:
            raise FileLost("OpenClaw has no such file")
        if len(self.files[artifact]) > most:
            raise FileTooLarge("too large")
        return self.files[artifact]

    def next_wake(self) -> datetime | None:
        return self.cron

    def suspend(self) -> Suspension | None:
        self.questions += 1
        if not self.answers:
            return None
        if self.work is not None:
            return Suspension(None, self.work)
        self.suspended.append(f"s{len(self.suspended) + 1}")
        self.while_suspending()
        return Suspension(self.suspended[-1])

    def resume(self, suspension: Suspension) -> None:
        if suspension.id:
            self.resumed.append(suspension.id)

    def silence(self) -> timedelta | None:
        return self.quiet

    def wait_ready(self, timeout: float) -> bool:
        if timeout and not self.ready:
            time.sleep(0.005)
        return self.ready

    def warm_up(self) -> None:
        pass

    def keep_warm(self) -> None:
        self.kept_warm += 1

    def close(self) -> None:
        self.closed = True


class FakeOpenClawControl:
    def __init__(self) -> None:
        self.orders: list[str] = []
        self.found: list[str] = []

    def changed(self) -> list[str]:
        return self.found

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
    """One user's running agent with one open page, and turns that a test has begin by `step`."""

    store: MemoryStore = field(default_factory=MemoryStore)
    push: FakePush = field(default_factory=FakePush)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    channels: Channels | None = None  # none but the page
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    time: QuickTime = field(default_factory=QuickTime)
    events: list[LifeEvent] = field(default_factory=list)  # what the scheduler reports

    def __post_init__(self) -> None:
        self.agent = running(self.store, self.time.clock())
        self.rows = Rows.over(LongTexts(self.store, self.objects), self.time.sleep)
        self.rows.connections.open("page", identity(USER, now()), "http://localhost", now())
        pages = Pages(self.rows.connections, self.rows.starts, self.push, self.time.clock)
        channels = self.channels or Channels(uploads=UploadedFiles(USER, self.objects, self.time.sleep))
        self.deliveries = Deliveries.of(USER, self.rows, pages, channels)
        self.turns = self.scheduler(self.agent.epoch)

    def scheduler(
        self, epoch: int, report: Report | None = None, deliveries: Deliveries | None = None
    ) -> TurnScheduler:
        owner = Owner(USER, epoch)
        parts = TurnParts.of(
            owner, deliveries or self.deliveries, self.gateway, self.objects, self.time, self.time.clock
        )
        return TurnScheduler(parts, report or self.events.append)

    def step(self) -> None:
        self.turns.step()

    def settle(self) -> None:
        """Steps until nothing waits and nothing runs."""

        def quiet() -> bool:
            self.step()
            work = self.rows.inbox.look(USER)
            return not (self.turns.busy or work.messages or work.deliveries or work.catchups)

        eventually(quiet, "an empty inbox")

    def end_turns(self) -> None:
        """Steps until nothing runs."""

        def quiet() -> bool:
            self.step()
            return not self.turns.busy

        eventually(quiet, "the end of the turns")

    def answers(self, talk: str = TALK) -> list[str]:
        return [entry.text for entry in self.rows.conversations.entries(USER, talk) if entry.role != "user"]

    def shown(self, page: str = "page") -> list[str]:
        return self.push.types(page)
