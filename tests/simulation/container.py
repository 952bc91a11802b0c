"""A task: the real bridge over simulated ports, and OpenClaw beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.telegram import CHANNEL
from chalicelib.tables.rows import Rows
from container.bridge.backup.backups import Backups
from container.bridge.backup.generations import Generations
from container.bridge.backup.reports import RowReports
from container.bridge.events import LifeEvent, Report
from container.bridge.life.lifecycle import BridgeLifecycle, LifeParts, LifeTimes
from container.bridge.life.row import Endpoint
from container.bridge.mailbox import Mailbox
from container.bridge.openclaw.driver import Supervision
from container.bridge.openclaw.gateway import Platform
from container.bridge.openclaw.protocol import Notice
from container.bridge.ports import Gateway, Owner
from container.bridge.telegram.channel import TelegramChannel
from container.bridge.telegram.courier import Courier
from container.bridge.telegram.messages import ChatMessages
from container.bridge.turns.channels import Channels
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.parts import TurnParts
from container.bridge.turns.scheduler import TurnScheduler
from tests.fakes.backup import in_turn
from tests.simulation.concurrency import Actors
from tests.simulation.ecs import Task
from tests.simulation.link import SimulatedLink
from tests.simulation.listening import Listening
from tests.simulation.network import Tenant
from tests.simulation.openclaw import OpenClaw
from tests.simulation.parts import Outside, Parts
from tests.simulation.rights import GuardedStore
from tests.simulation.scheduler import Process

IDLE = timedelta(minutes=2)


def ring_both(turns: TurnScheduler, backups: Backups) -> None:
    turns.ring()
    backups.ring()


class Container:
    """From RUNNING to STOPPED. Implements the port `OpenClawControl` for its bridge."""

    def __init__(self, world: Outside, parts: Parts, task: Task) -> None:
        self._world, self._parts, self._task = world, parts, task
        self._line = world.line
        skew = self._line.random.uniform(-5, 5)
        self._process = Process(f"bridge {task.arn}", skew, task.epoch, task.user)
        self._tenant = Tenant(hashlib.sha256(task.arn.encode()).hexdigest(), task.user, task.epoch)
        self._lifecycle: BridgeLifecycle | None = None
        self._address = ""
        self._openclaw = OpenClaw(self._line, task.user, f"openclaw {task.arn}", world.seed)
        self._openclaw.kill_task = partial(world.killed, task)
        self._over = False
        task.terminate, task.kill = self.terminate, self.kill

    def boot(self) -> None:
        self._line.scheduler.spawn(self._process, self._main, "main", self._line.random.uniform(1, 4))

    def terminate(self) -> None:
        """SIGTERM. Before there is a handler for it, it ends the process."""
        if self._lifecycle:
            self._parts.terminate(self._lifecycle)
        else:
            self._exit()

    def kill(self) -> None:
        """SIGKILL."""
        self._end()

    def go(self) -> None:
        self._line.travel()
        if self._openclaw.boot == 0:
            self._openclaw.start()

    def restart(self) -> None:
        alive = self._openclaw.up and not self._openclaw.hangs
        self._line.history.note("openclaw_restarted", user=self._task.user, alive=alive)
        self._line.history.count("OpenClaw restarted because it hung")
        self._line.scheduler.after(0.0, lambda: self._openclaw.crash("the bridge asked"))

    def changed(self) -> list[str]:
        return []

    def halt(self, timeout: float) -> None:
        self._line.travel()

    def _main(self) -> None:
        self._tenant.key = self._task.environment["BRIDGE_KEY"]
        self._address = self._world.town.move_in(self._tenant)
        try:
            self._build().run(Endpoint(self._address, self._tenant.certificate))
        except Exception as error:
            self._line.history.note("bridge_died", user=self._task.user, error=repr(error))
            raise
        finally:
            self._line.scheduler.after(0.0, self._exit)

    def _build(self) -> BridgeLifecycle:
        scheduler, parts, owner = self._line.scheduler, self._parts, Owner(self._task.user, self._task.epoch)
        store = GuardedStore.of_bridge(self._world.store, self._task.user, self._line.history)
        rows = Rows.over(parts.bridge_store(store), scheduler.pause)
        actors, clock = Actors(scheduler, self._process), scheduler.clock
        pages = parts.pages(rows.connections, rows.starts, self._world.push, clock)
        deliveries = Deliveries.of(owner.user_id, rows, pages, self._channels(owner, rows, actors))
        gateway = parts.gateway(self._gateway(actors))
        events: Mailbox[LifeEvent] = Mailbox(actors)
        turns = parts.turns(TurnParts.of(owner, deliveries, gateway, self._world.objects, actors, clock), events.put)
        backups = self._backups(owner, deliveries, actors, events.put)
        self._tenant.ring = partial(ring_both, turns, backups)
        life = LifeParts(owner, rows, deliveries.status, turns, backups, self, gateway, actors, clock)
        self._lifecycle = parts.lifecycle(life, LifeTimes(IDLE, 120), events)
        return self._lifecycle

    def _gateway(self, actors: Actors) -> Gateway:
        def connect(url: str, token: str, notify: Callable[[Notice], None]) -> SimulatedLink:
            return SimulatedLink(self._line, self._process, self._openclaw, notify)

        platform = Platform(connect, actors, lambda: self._line.scheduler.now)
        supervision = Supervision(self.restart, lambda: self._openclaw.starting)
        gateway: Gateway = self._parts.openclaw("", "", platform=platform, supervision=supervision)
        listening: Any = Listening(gateway, self._line.history, self._task.user)
        return listening  # type: ignore[no-any-return]

    def _channels(self, owner: Owner, rows: Rows, actors: Actors) -> Channels:
        bot, scheduler = self._world.bot, self._line.scheduler
        if bot is None:
            return Channels()
        courier = Courier(ChatMessages(owner, rows, bot, self._world.objects, scheduler.clock), actors, scheduler.clock)
        courier.start()
        return Channels({CHANNEL: TelegramChannel(courier, bot, scheduler.pause)})

    def _backups(self, owner: Owner, deliveries: Deliveries, actors: Actors, report: Report) -> Backups:
        clock, rows = self._line.scheduler.clock, deliveries.rows
        bucket = BackupBucket(owner.user_id, self._world.objects)
        generations = Generations(bucket, owner.epoch, self._parts.folder(self._openclaw), clock, in_turn)
        reports = RowReports(owner, rows.agents, rows.backup_requests, deliveries.status)
        return Backups(self._parts.saver(generations, reports, actors.sleep, clock), actors, clock, report)

    def _exit(self) -> None:
        """The process has ended by itself."""
        if not self._over:
            self._end()
            self._world.ended(self._task)

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self._openclaw.end()
        self._line.scheduler.kill(self._process)
        self._world.town.move_out(self._address, self._tenant)
