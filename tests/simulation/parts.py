"""What a world is built from: the production classes, or a mutant's instead of one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.pages import Pages
from chalicelib.ports import Bot, Objects, Push, Tasks
from chalicelib.store import Store
from chalicelib.wiring import Services
from container.bridge.backup.saver import Saver
from container.bridge.life.lifecycle import BridgeLifecycle
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.ports import Gateway
from container.bridge.turns.scheduler import TurnScheduler
from tests.simulation.ecs import Task
from tests.simulation.folder import StateFolder
from tests.simulation.network import SimulatedDoorbell, Town
from tests.simulation.ports import Line


@dataclass(frozen=True)
class Parts:
    """Each can be exchanged without touching the others."""

    services: type[Services] = Services
    phones: bool = False  # only where there are chats
    turns: type[TurnScheduler] = TurnScheduler
    lifecycle: type[BridgeLifecycle] = BridgeLifecycle
    pages: type[Pages] = Pages
    saver: type[Saver] = Saver
    folder: type[StateFolder] = StateFolder
    doorbell: type[SimulatedDoorbell] = SimulatedDoorbell
    store: Callable[[Store], Store] = lambda store: store  # of the Lambdas
    bridge_store: Callable[[Store], Store] = lambda store: store
    tasks: Callable[[Tasks], Tasks] = lambda tasks: tasks
    openclaw: type[OpenClawGateway] = OpenClawGateway
    gateway: Callable[[Gateway], Gateway] = lambda gateway: gateway
    bot: Callable[[Bot], Bot] = lambda bot: bot
    terminate: Callable[[BridgeLifecycle], None] = lambda lifecycle: lifecycle.request_stop("SIGTERM")


@dataclass
class Outside:
    """What a task finds around it."""

    line: Line
    store: Store
    push: Push
    town: Town
    seed: int
    objects: Objects
    ended: Callable[[Task], None]
    killed: Callable[[Task], None]
    bot: Bot | None = None  # Telegram, where somebody has it
