"""Is OpenClaw there? While a running agent's is not, its owner is told so, and told when it is back."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.notes import OPENCLAW_LOST
from chalicelib.domain.signals import Event
from chalicelib.logs import log_event
from container.bridge.ports import Gateway
from container.bridge.turns.delivery import Deliveries


@dataclass
class Presence:
    epoch: int
    gateway: Gateway
    deliveries: Deliveries
    here: bool = True

    def look(self) -> None:
        """Notices a change, and says it; the bridge and the supervisor do the rest without being told."""
        here = self.gateway.wait_ready(0.0)
        if here != self.here:
            self.here = here
            log_event(Event.OPENCLAW_BACK if here else Event.OPENCLAW_LOST, self.deliveries.user_id, self.epoch)
            self._note(here)

    def _note(self, here: bool) -> None:
        agents, user_id = self.deliveries.rows.agents, self.deliveries.user_id
        if here and agents.get(user_id).note != OPENCLAW_LOST:
            return  # somebody else's note
        if agent := agents.set_note(user_id, self.epoch, None if here else OPENCLAW_LOST):
            self.deliveries.status(agent)
