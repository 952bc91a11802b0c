"""One history: everything put together, a storm of faults, then calm until nothing moves any more."""

from __future__ import annotations

from random import Random
from typing import Any

from chalicelib.adapters.apigateway import SocketPush
from chalicelib.adapters.ecs import FargateTasks, Launch
from chalicelib.config import AppConfig
from chalicelib.domain.agent import State
from chalicelib.domain.limits import read_limits
from chalicelib.store import Table
from chalicelib.wiring import Outside as CloudOutside
from tests.fakes.outside import FakeSecrets
from tests.simulation.cloud import ORIGIN, Cloud
from tests.simulation.container import IDLE, Container
from tests.simulation.ecs import Cluster, EcsClient, Task
from tests.simulation.faults import Faults
from tests.simulation.history import History
from tests.simulation.network import Sockets, Town
from tests.simulation.objects import SimulatedObjects
from tests.simulation.parts import Outside, Parts
from tests.simulation.phone import Guesser, Impostor, Phone, link
from tests.simulation.plan import CALM, Plan
from tests.simulation.ports import Line
from tests.simulation.rights import GuardedStore
from tests.simulation.scheduler import Process, Scheduler
from tests.simulation.store import SimulatedStore
from tests.simulation.stranger import Stranger
from tests.simulation.telegram import SECRETS, SimulatedTelegram
from tests.simulation.user import User

NAMES = ("ada", "bob", "cleo")
SETTINGS = AppConfig(
    stage="test",
    agent_runtime="fargate",
    table_prefix="",
    data_bucket="bucket",
    cluster_arn="cluster",
    task_definition_arn="definition",
    subnet_ids=("subnet",),
    security_group_ids=("group",),
    websocket_callback_url="https://connections",
    web_origin=ORIGIN,
    idle=IDLE,
    llm_model="demo/demo-1",
    log_level="ERROR",
    limits=read_limits("messages=3,starts=1000,tickets=1000"),  # people here are hasty, and their machines die
)


NOTICES = 300.0  # seconds in which every page has found out whether its socket still lives


class World:
    def __init__(self, plan: Plan, parts: Parts) -> None:
        self.plan, self._parts = plan, parts
        self.has_phones = plan.phones or parts.phones
        self.scheduler = Scheduler(self._failed)
        self.history = History(self._moment)
        self.faults = Faults(plan, self.scheduler, self.history)
        self.line = Line(self.scheduler, self.history, self.faults, Random(f"{plan.seed}/time"))
        self.store, self.town, self.sockets = SimulatedStore(self.line), Town(self.line), Sockets(self.line)
        self.cluster = Cluster(self.line, self._boot)
        sockets: Any = self.sockets
        self.push = SocketPush(lambda: sockets, self.scheduler.pause, self.line.random.random)
        self.objects = SimulatedObjects(self.line)
        self.telegram = parts.bot(SimulatedTelegram(self.line))
        self._around = Outside(
            self.line,
            self.store,
            self.push,
            self.town,
            plan.seed,
            self.objects,
            self._ended,
            self._killed,
            self.telegram if self.has_phones else None,
        )
        self._secrets = Random(f"{plan.seed}/secrets")
        self.cloud = Cloud(self.line, parts.services(SETTINGS, self._outside()), self.sockets)
        self.users = self._people()
        self.phones = self._phones() if self.has_phones else []

    def run(self) -> None:
        """The storm, then the calm, in which everybody says one word more and then all must come to rest."""
        for user in self.users:
            self.scheduler.spawn(Process(f"user {user.name}"), user.live, user.name)
        self.scheduler.spawn(Process("stranger"), Stranger(self.line, self.cloud).live, "stranger")
        for phone in self.phones:
            self.scheduler.spawn(Process(f"phone {phone.chat}"), phone.live, f"phone {phone.chat}")
        self.cloud.tick()
        self.scheduler.run(self.plan.storm)
        self.history.note("calm")
        self.scheduler.run(self.plan.storm + CALM, lambda: self._silent)
        for user in self.users:
            user.come_back()
        self._settle()
        self._look("as it is")
        for user in self.users:
            user.last_word()
        self._settle()
        self._look("as it is")
        self._come_back()
        self._look("after coming back")
        self.scheduler.end()

    def _settle(self) -> None:
        """Until nothing waits and nothing runs any more, or for too long."""
        deadline = self.scheduler.now + CALM
        while self.scheduler.now < deadline and not self.at_rest:
            self.scheduler.run(self.scheduler.now + 20)
        self._look_into_chats()
        self.history.note("rest", resting=self.at_rest, left=self._left())
        self.scheduler.run(self.scheduler.now + NOTICES)

    def _look_into_chats(self) -> None:
        self.history.note("said", texts=[text for phone in self.phones for text in phone.texts])
        links = [slot for slot in self.store.inner.rows if slot[0] is Table.SETTINGS and slot[2].startswith("link#")]
        self.history.note("links", asking=[slot[2].rpartition("#")[2] for slot in links])

    @property
    def _silent(self) -> bool:
        """Nobody has more to say."""
        return all(user.quiet for user in self.users) and all(phone.quiet for phone in self.phones)

    @property
    def at_rest(self) -> bool:
        rows = self.store.inner.rows
        waiting = any(slot[0] is Table.PENDING_MESSAGES and slot[2].startswith(("in#", "out#")) for slot in rows)
        awake = any(slot[0] is Table.TASK_STATE and row.get("status") != State.IDLE.value for slot, row in rows.items())
        unsent = any(page.letters for user in self.users for page in user.pages)
        told = all(phone.quiet for phone in self.phones)
        return told and not (waiting or awake or unsent or self.cluster.alive)

    def _come_back(self) -> None:
        for user in self.users:
            for page in user.pages:
                page.renew()
        self.scheduler.run(self.scheduler.now + 60)

    def _left(self) -> list[str]:
        """What has not come to rest."""
        rows = self.store.inner.rows
        inbox = [slot[2] for slot in rows if slot[0] is Table.PENDING_MESSAGES and slot[2].startswith(("in#", "out#"))]
        agents = [f"{slot[1]} is {row.get('status')}" for slot, row in rows.items() if slot[0] is Table.TASK_STATE]
        letters = [letter.id for user in self.users for page in user.pages for letter in page.letters]
        return [*inbox, *agents, *letters, *(f"{task.arn} {task.status}" for task in self.cluster.alive)]

    def _look(self, when: str) -> None:
        for user in self.users:
            for page in user.pages:
                shown = {talk.id: talk.shown for talk in page.talks.values()}
                facts = {"page": page.name, "user": user.name, "open": page.connected}
                self.history.note("shown", when=when, talks=shown, status=page.status.get("status"), **facts)

    def _people(self) -> list[User]:
        dice, plan = Random(f"{self.plan.seed}/people"), self.plan
        count = plan.users or dice.choice((1, 1, 1, 2, 2, 3))
        people = []
        for name in NAMES[:count]:
            own = Random(f"{plan.seed}/{name}")
            pages, messages = own.choice((1, 1, 2, 3)), own.choice((1, 2, 3, 4, 6, 9))
            sizes = min(pages, plan.pages or pages), min(messages, plan.messages or messages)
            people.append(User(self.line, self.cloud, name, own, sizes))
        return people

    def _phones(self) -> list[Phone]:
        for number, user in enumerate(self.users):
            link(self.store.inner, user.name, number + 1, user.talks[0])
            self.history.note("linked", user=user.name, chat=number + 1)
        kinds = [(Phone, number + 1) for number in range(len(self.users))] + [(Impostor, 901), (Guesser, 902)]
        names = [*(user.name for user in self.users), "impostor", "guesser"]
        return [
            kind(self.line, self.cloud, name, chat, f"{self.plan.seed}/phone {chat}")
            for name, (kind, chat) in zip(names, kinds, strict=True)
        ]

    def _outside(self) -> CloudOutside:
        launch = Launch("cluster", "definition", ("subnet",), ("group",))
        ecs: Any = EcsClient(self.cluster, self.line)
        return CloudOutside(
            store=self._parts.store(GuardedStore.of_functions(self.store, self._asking, self.history)),
            tasks=self._parts.tasks(FargateTasks(lambda: ecs, launch)),
            doorbell=self._parts.doorbell(self.line, self.town),
            push=self.push,
            secrets=self._kept(),
            clock=self.scheduler.clock,
            sleep=self.scheduler.pause,
            new_secret=lambda: f"{'5ec4e7' * 4}{self._secrets.getrandbits(160):040x}",
            bot=self.telegram,
        )

    def _asking(self) -> str:
        process = self.scheduler.process
        return process.name if process else ""

    def _kept(self) -> FakeSecrets:
        secrets = FakeSecrets()
        secrets.kept.update(SECRETS)
        return secrets

    def _boot(self, task: Task) -> None:
        Container(self._around, self._parts, task).boot()

    def _ended(self, task: Task) -> None:
        self.cluster.ended(task, "it left by itself")

    def _killed(self, task: Task) -> None:
        self.cluster.destroy(task, "SIGKILL")

    def _moment(self) -> tuple[float, str]:
        process = self.scheduler.process
        return self.scheduler.now, process.name if process else "world"

    def _failed(self, process: Process, name: str, error: BaseException) -> None:
        self.history.note("thread_died", thread=name, error=repr(error))


def play(plan: Plan, parts: Parts | None = None) -> World:
    """The history of this plan."""
    world = World(plan, parts or Parts())
    world.run()
    return world
