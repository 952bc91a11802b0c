"""Mutants of the Lambda side."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from chalicelib.adapters.ecs import FargateTasks
from chalicelib.config import AppConfig
from chalicelib.domain import protocol
from chalicelib.domain.agent import Agent, State
from chalicelib.domain.client_frames import Send
from chalicelib.domain.idle import quiet_since
from chalicelib.domain.watchdog import Action, Expire, Task
from chalicelib.errors import AgentBusy, AgentUnavailable
from chalicelib.pages import Pages
from chalicelib.ports import Tasks
from chalicelib.services.chat import Chat
from chalicelib.services.wake import Wake
from chalicelib.services.watchdog import Watchdog
from chalicelib.store import Check, Delete, Item, Key, Put, Table, Update, Write
from chalicelib.tables.agents import ACTIVE
from chalicelib.tables.connections import Connection
from chalicelib.tables.halts import HALT
from chalicelib.wiring import Outside, Services
from tests.simulation.mutations import Changed, is_message, sets_status, without
from tests.simulation.network import SimulatedDoorbell, Tenant


class Unconditional(Changed):
    """Idle or not, at whatever epoch: it was Idle when it was read."""

    def change(self, write: Write) -> Write:
        return without(write, "status", "epoch") if sets_status(write, "Starting") else write


class LooksFurther(Changed):
    """A socket that opens reads what its user has chosen."""

    def change(self, write: Write) -> Write:
        if isinstance(write, Put) and write.table is Table.CONNECTIONS and "connectedAt" in write.item:
            self._store.get(Table.SETTINGS, {"userId": str(write.item["userId"]), "sk": "settings"})
        return write


class Salted(FargateTasks):
    """Each RunTask a new one."""

    numbers = itertools.count()

    def _request(self, agent: Agent, capacity: str, subnets: tuple[str, ...]) -> Any:
        request = super()._request(agent, capacity, subnets)
        return {**request, "clientToken": f"{agent.user_id}/{next(self.numbers)}"}


def salted(tasks: Tasks) -> Tasks:
    assert isinstance(tasks, FargateTasks)
    return Salted(tasks.connect, tasks.launch)


class Shared(FargateTasks):
    """One token for all who start at the same epoch: the second is told of the first one's task."""

    def _request(self, agent: Agent, capacity: str, subnets: tuple[str, ...]) -> Any:
        return {**super()._request(agent, capacity, subnets), "clientToken": f"{agent.epoch}/{capacity}"}


def shared(tasks: Tasks) -> Tasks:
    assert isinstance(tasks, FargateTasks)
    return Shared(tasks.connect, tasks.launch)


class Hasty:
    """Asks ECS and believes what it hears, even if that is nothing."""

    def __init__(self, tasks: Tasks) -> None:
        self.run, self.stop, self._tasks = tasks.run, tasks.stop, tasks

    def look_up(self, task_arns: Any) -> Any:
        try:
            return self._tasks.look_up(task_arns)
        except AgentUnavailable:
            return [Task(arn, "", datetime.min, stopped=True) for arn in task_arns]


class ImpatientWake(Wake):
    def wake(self, user_id: str, seen: Agent | None = None) -> Agent:
        agent = self.agents.get(user_id)
        if agent.state is State.RUNNING and not self.doorbell.ring(agent):
            gone = self.agents.stopped(agent, self.clock())
            return self.start(gone) if gone else agent
        return super().wake(user_id, seen)


class Impatient(Services):
    @cached_property
    def wake(self) -> Wake:
        return ImpatientWake(*_fields(super().wake))


class ClockWatchdog(Watchdog):
    def run(self) -> list[Action]:
        cutoff = self.clock() - self.limits.idle - timedelta(minutes=1)
        for agent in self.rows.agents.active():
            if agent.state is State.RUNNING and agent.last_active_at and agent.last_active_at <= cutoff:
                self._expire(Expire(agent, "idle", cutoff))
        return super().run()


class ByTheClock(Services):
    @cached_property
    def watchdog(self) -> Watchdog:
        return ClockWatchdog(*_fields(super().watchdog))


class TimeAlone(Changed):
    def change(self, write: Write) -> Write:
        quiet = sets_status(write, "Stopping")
        return without(write, "inflight", "pending", "undelivered") if quiet else write


class ScanningWatchdog(Watchdog):
    def run(self) -> list[Action]:
        scanned = self.rows.agents.active()
        self.wake.sleep(25)  # there are many of them
        for agent in scanned:
            if quiet_since(agent, self.clock(), self.limits.idle):
                self._expire(Expire(agent, "idle"))
        return super().run()


class ScanThenStop(Services):
    @cached_property
    def watchdog(self) -> Watchdog:
        return ScanningWatchdog(*_fields(super().watchdog))


class WholeItem(Changed):
    def change(self, write: Write) -> Write:
        if isinstance(write, Update) and sets_status(write, "Starting"):
            return Put(write.table, {**write.key, **write.set}, write.when)
        return write


class RejectingChat(Chat):
    def _send(self, connection: Connection, frame: Send) -> None:
        if self.rows.agents.get(connection.user_id).pending:
            raise AgentBusy("one message after the other, please")
        super()._send(connection, frame)


class Rejecting(Services):
    @cached_property
    def chat(self) -> Chat:
        return RejectingChat(*_fields(super().chat))


class HastyChat(Chat):
    def _send(self, connection: Connection, frame: Send) -> None:
        seq = self.rows.agents.get(connection.user_id).next_seq
        self.pages.reply(connection, protocol.ack(frame.id, frame.conversation_id, seq))
        super()._send(connection, frame)


class AckFirst(Services):
    @cached_property
    def chat(self) -> Chat:
        return HastyChat(*_fields(super().chat))


class IdleWatchdog(Watchdog):
    def _restart(self, agent: Agent) -> None:
        pass


class LeavesItToOthers(Services):
    @cached_property
    def watchdog(self) -> Watchdog:
        return IdleWatchdog(*_fields(super().watchdog))


class CarelessPages(Pages):
    def reply(self, connection: Connection, frame: Mapping[str, Any]) -> bool:
        try:
            return self.push.send(connection.id, frame)
        except AgentUnavailable:
            return False


class Careless(Services):
    def __init__(self, settings: AppConfig, outside: Outside) -> None:
        super().__init__(settings, outside)
        self.pages = CarelessPages(*_fields(self.pages))


class Forgetful(Changed):
    def change(self, write: Write) -> Write:
        return without(write, "userId") if is_message(write, "id#") else write


class RestsAnyway(Changed):
    """Back to Idle and out of the index, whatever waits."""

    def change(self, write: Write) -> Write:
        if isinstance(write, Update) and sets_status(write, "Idle"):
            kept = [each for each in write.remove if each != ACTIVE]
            free = tuple(each for each in write.when if each.attribute not in ("pending", "undelivered"))
            return replace(write, remove=(*kept, ACTIVE), when=free)
        return write


class SeesNoSwitch(Changed):
    """What runs is stopped, and starts again with the next that waits."""

    def get(self, table: Table, key: Key) -> Item | None:
        return None if key.get("sk") == HALT else super().get(table, key)


class Reusable(Changed):
    """A ticket that is redeemed stays where it is."""

    def change(self, write: Write) -> Write:
        redeemed = isinstance(write, Delete) and write.key.get("connectionId", "").startswith("ticket#")
        return Check(write.table, write.key, write.when) if redeemed else write  # type: ignore[union-attr]


class Unlisted(SimulatedDoorbell):
    """The address of every second start was never written down."""

    def ring(self, agent: Agent) -> bool:
        return agent.epoch % 2 == 0 and super().ring(agent)


class Unpinned(SimulatedDoorbell):
    def recognised(self, agent: Agent, tenant: Tenant) -> bool:
        return True


def _fields(service: Any) -> list[Any]:
    return [getattr(service, name) for name in service.__dataclass_fields__]
