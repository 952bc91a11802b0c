"""All services over one outside world of fakes, and a browser's and a bridge's part in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.config import AppConfig
from chalicelib.domain.agent import Agent, State
from chalicelib.domain.conversation import Entry, answer
from chalicelib.domain.inbox import entry_of
from chalicelib.domain.limits import read_limits
from chalicelib.domain.turn import Finished
from chalicelib.wiring import Outside, Services
from tests.fakes.bot import FakeBot
from tests.fakes.clock import FakeClock
from tests.fakes.identity import LIFE, identity
from tests.fakes.objects import MemoryObjects
from tests.fakes.outside import FakeDoorbell, FakePool, FakePush, FakeSecrets
from tests.fakes.store import MemoryStore
from tests.fakes.tasks import FakeTasks
from tests.fakes.values import TALK

USER = "ada"
ORIGIN = "https://agent.example"
IDLE = timedelta(minutes=15)
SETTINGS = AppConfig(
    stage="test",
    agent_runtime="fargate",
    table_prefix="test-",
    data_bucket="bucket",
    cluster_arn="cluster",
    task_definition_arn="definition",
    subnet_ids=("subnet",),
    security_group_ids=("group",),
    websocket_callback_url="http://127.0.0.1:1",
    web_origin=ORIGIN,
    idle=IDLE,
    llm_model="demo/demo-1",
    log_level="INFO",
)


class World:
    def __init__(self, *providers: str, store: MemoryStore | None = None, limits: str = "") -> None:
        self.clock = FakeClock()
        self.store = store or MemoryStore()
        self.tasks = FakeTasks(self.clock)
        self.doorbell = FakeDoorbell()
        self.push = FakePush()
        self.secrets = FakeSecrets(*providers)
        self.bot = FakeBot()
        self.objects = MemoryObjects(self.clock)
        self.pool = FakePool()
        outside = Outside(
            self.store,
            self.tasks,
            self.doorbell,
            self.push,
            self.secrets,
            self.clock,
            self.clock.sleep,
            bot=self.bot,
            objects=self.objects,
            pool=self.pool,
        )
        self.services = Services(replace(SETTINGS, limits=read_limits(limits)), outside)
        self.agents = self.services.rows.agents
        self.inbox = self.services.rows.inbox

    @property
    def agent(self) -> Agent:
        return self.agents.get(USER)

    def connect(self, connection_id: str, user_id: str = USER, life: timedelta = LIFE) -> None:
        ticket = self.services.tickets.issue(identity(user_id, self.clock(), life)).ticket
        self.services.chat.connect(connection_id, ticket, ORIGIN)

    def receive(self, connection_id: str, kind: str, **fields: Any) -> None:
        self.services.chat.receive(connection_id, json.dumps({"type": kind, **fields}))

    def send(self, number: int, text: str = "Hello", connection_id: str = "laptop", talk: str = TALK) -> str:
        """The id of the message that the browser has sent."""
        message_id = message(number)
        self.receive(connection_id, "send", id=message_id, conversationId=talk, text=text)
        return message_id

    def run(self) -> Agent:
        """The bridge of the present start is ready."""
        epoch = self.agent.epoch
        self.agents.register(USER, epoch, "10.0.0.1:8080", "ab" * 32)
        ready = self.agents.ready(USER, epoch, self.clock())
        assert ready
        return ready

    def answer(self, text: str = "I am well.") -> Entry:
        """The bridge answers the oldest message."""
        epoch, now = self.agent.epoch, self.clock()
        mine = self.inbox.claim(self.inbox.pending(USER)[0], epoch, now)
        assert mine
        entry = answer(entry_of(mine, pending=False), Finished(text, "stop", None), now, 1000)
        answers = self.services.rows.answers
        delivery = answers.commit(mine, epoch, entry, now)
        assert delivery
        assert answers.delivered(delivery)
        return entry

    def stop(self) -> Agent:
        """The bridge says good-bye."""
        idle = self.agents.stopped(self.agent, self.clock())
        assert idle
        self.tasks.end(f"task/{USER}/{idle.epoch}")
        return idle

    def is_running(self) -> bool:
        return self.agent.state is State.RUNNING


def message(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"
