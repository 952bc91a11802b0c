"""A task: the real bridge over simulated ports, and OpenClaw beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from chalicelib.domain.telegram import CHANNEL
from chalicelib.state.asks import BackupAsks
from chalicelib.state.vault import Vault
from container.bridge.backup import Backups
from container.bridge.backup_talk import RowTalk
from container.bridge.channels import Channels
from container.bridge.delivery import Deliveries
from container.bridge.lifecycle import Lifecycle, Place
from container.bridge.openclaw.gateway import Platform
from container.bridge.openclaw.protocol import Notice
from container.bridge.ports import Gateway
from container.bridge.rows import Rows
from container.bridge.telegram import TelegramChannel
from container.bridge.telegram_courier import Courier
from container.bridge.turns import Turns
from tests.simulation.concurrency import Actors
from tests.simulation.ecs import Task
from tests.simulation.folder import StateFolder
from tests.simulation.link import SimulatedLink
from tests.simulation.listening import Listening
from tests.simulation.network import Tenant
from tests.simulation.openclaw import OpenClaw
from tests.simulation.parts import Outside, Parts
from tests.simulation.scheduler import Process

IDLE = timedelta(minutes=2)


def ring_both(turns: Turns, backups: Backups) -> None:
    turns.ring()
    backups.ring()


class Container:
    """From RUNNING to STOPPED. Implements the port `Supervisor` for its bridge."""

    def __init__(self, world: Outside, parts: Parts, task: Task) -> None:
        self._world, self._parts, self._task = world, parts, task
        self._line = world.line
        skew = self._line.random.uniform(-5, 5)
        self._process = Process(f"bridge {task.arn}", skew, task.epoch, task.user)
        self._tenant = Tenant(hashlib.sha256(task.arn.encode()).hexdigest(), task.user, task.epoch)
        self._lifecycle: Lifecycle | None = None
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
        self._line.history.count("OpenClaw restarted because it hung")
        self._line.scheduler.after(0.0, lambda: self._openclaw.crash("the bridge asked"))

    def halt(self, patience: float) -> None:
        self._line.travel()

    def _main(self) -> None:
        self._tenant.key = self._task.environment["BRIDGE_KEY"]
        self._address = self._world.town.move_in(self._tenant)
        try:
            self._build().run()
        except Exception as error:
            self._line.history.note("bridge_died", user=self._task.user, error=repr(error))
            raise
        finally:
            self._line.scheduler.after(0.0, self._exit)

    def _build(self) -> Lifecycle:
        scheduler, parts, task = self._line.scheduler, self._parts, self._task
        rows = Rows.over(parts.bridge_store(self._world.store), scheduler.pause)
        actors = Actors(scheduler, self._process)
        gateway = parts.gateway(self._gateway(actors))
        channels = self._channels(rows, actors)
        deliveries = parts.deliveries(task.user, rows, self._world.push, scheduler.clock, channels)
        turns = parts.turns(task.epoch, rows, deliveries, gateway, actors, scheduler.clock)
        backups = self._backups(deliveries, actors)
        self._tenant.ring = partial(ring_both, turns, backups)
        place = Place(task.user, task.epoch, self._address, self._tenant.certificate)
        self._lifecycle = parts.lifecycle(place, rows, turns, self, backups, IDLE, 120)
        return self._lifecycle

    def _gateway(self, actors: Actors) -> Gateway:
        def connect(url: str, token: str, notify: Callable[[Notice], None]) -> SimulatedLink:
            return SimulatedLink(self._line, self._process, self._openclaw, notify)

        platform = Platform(connect, actors, lambda: self._line.scheduler.now)
        gateway: Gateway = self._parts.openclaw("", "", platform=platform, on_hang=self.restart)
        listening: Any = Listening(gateway, self._line.history, self._task.user)
        return listening  # type: ignore[no-any-return]

    def _channels(self, rows: Rows, actors: Actors) -> Channels:
        bot, scheduler, task = self._world.bot, self._line.scheduler, self._task
        if bot is None:
            return Channels()
        courier = Courier(task.user, task.epoch, rows, bot, actors, scheduler.clock)
        return Channels({CHANNEL: TelegramChannel(courier, bot, rows.links, scheduler.pause)})

    def _backups(self, deliveries: Deliveries, actors: Actors) -> Backups:
        task = self._task
        return self._parts.backups(
            vault=Vault(task.user, self._world.objects),
            epoch=task.epoch,
            folder=StateFolder(self._openclaw),
            concurrency=actors,
            clock=self._line.scheduler.clock,
            talk=RowTalk(task.epoch, deliveries, BackupAsks(deliveries.rows.agents.store)),
        )

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
