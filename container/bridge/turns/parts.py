"""What every turn of a bridge works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.inbox import Message
from chalicelib.domain.signals import Event
from chalicelib.logs import log_event
from chalicelib.ports import Clock, Objects
from chalicelib.tables.rows import Rows
from container.bridge.ports import Concurrency, Gateway, Owner
from container.bridge.turns.choices import ToldChoices
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.media import MediaShelf


@dataclass(frozen=True)
class TurnParts:
    owner: Owner
    rows: Rows
    deliveries: Deliveries
    gateway: Gateway
    choices: ToldChoices
    shelf: MediaShelf
    concurrency: Concurrency
    clock: Clock

    @classmethod
    def of(
        cls,
        owner: Owner,
        deliveries: Deliveries,
        gateway: Gateway,
        objects: Objects,
        concurrency: Concurrency,
        clock: Clock,
    ) -> TurnParts:
        """Of an OpenClaw that was started with all permissions."""
        shelf = MediaShelf(owner.user_id, objects, gateway, concurrency.sleep)
        return cls(owner, deliveries.rows, deliveries, gateway, ToldChoices("full"), shelf, concurrency, clock)

    def log(self, event: Event, message: Message, result: str | None = None, took: timedelta | None = None) -> None:
        log_event(event, self.owner.user_id, self.owner.epoch, message=message.id, result=result, took=took)
