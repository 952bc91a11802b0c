"""A task: the real bridge over simulated ports, and OpenClaw beside it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from container.bridge.lifecycle import Lifecycle, Place
from container.bridge.rows import Rows
from tests.simulation.concurrency import Actors
from tests.simulation.ecs import Task
from tests.simulation.gateway import SimulatedGateway
from tests.simulation.network import Tenant
from tests.simulation.openclaw import OpenClaw, copied
from tests.simulation.parts import Outside, Parts
from tests.simulation.scheduler import Process

IDLE = timedelta(minutes=2)
BACKUP = 60.0  # seconds between copies of OpenClaw's state


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
        self._disk = world.disks.setdefault(task.user, {})
        self._openclaw = OpenClaw(self._line, task.user, f"openclaw {task.arn}", copied(self._disk), world.seed)
        self._over = False
        task.terminate, task.kill = self.terminate, self.kill

    def boot(self) -> None:
        self._line.scheduler.spawn(self._process, self._main, "main", self._line.random.uniform(1, 4))
        self._line.scheduler.after(BACKUP, self._back_up)

    def terminate(self) -> None:
        """SIGTERM."""
        if self._lifecycle:
            self._parts.terminate(self._lifecycle)

    def kill(self) -> None:
        """SIGKILL: what was not backed up may be lost."""
        if not self._line.faults.strike("openclaw_forgets"):
            self._save()
        else:
            self._line.history.note("forgotten", user=self._task.user)
        self._end()

    def go(self) -> None:
        self._line.travel()
        if self._openclaw.boot == 0:
            self._openclaw.start()

    def restart(self) -> None:
        self._line.history.count("OpenClaw restarted because it hung")
        self._line.scheduler.after(0.0, lambda: self._openclaw.crash("the bridge asked"))

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
        gateway = parts.gateway(SimulatedGateway(self._line, self._openclaw, self.restart))
        deliveries = parts.deliveries(task.user, rows, self._world.push, scheduler.clock)
        actors = Actors(scheduler, self._process)
        turns = parts.turns(task.epoch, rows, deliveries, gateway, actors, scheduler.clock)
        self._tenant.ring = turns.ring
        place = Place(task.user, task.epoch, self._address, self._tenant.certificate)
        self._lifecycle = parts.lifecycle(place, rows, turns, self, IDLE, 120)
        return self._lifecycle

    def _exit(self) -> None:
        """The process has ended by itself."""
        if not self._over:
            self._save()
            self._end()
            self._world.ended(self._task)

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self._openclaw.end()
        self._line.scheduler.kill(self._process)
        self._world.town.move_out(self._address, self._tenant)

    def _back_up(self) -> None:
        if not self._over:
            self._save()
            self._line.scheduler.after(BACKUP, self._back_up)

    def _save(self) -> None:
        """The newest epoch's state is the one that counts."""
        user, epoch = self._task.user, self._task.epoch
        if self._openclaw.boot and epoch >= self._world.saved.get(user, 0):
            self._world.saved[user] = epoch
            self._world.disks[user] = copied(self._openclaw.transcript)
