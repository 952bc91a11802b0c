"""Is OpenClaw there? While a running agent's is not, its owner is told so, and told when it is back."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.notes import OPENCLAW_LOST
from chalicelib.domain.signals import Event
from chalicelib.logs import log_event
from chalicelib.tables.agents import Agents
from container.bridge.ports import Gateway, Owner, ShowStatus


@dataclass
class Presence:
    """Used by the lifecycle's thread."""

    owner: Owner
    agents: Agents
    gateway: Gateway
    show: ShowStatus
    here: bool = True

    def look(self) -> None:
        """Notices a change, and says it; the bridge and the supervisor do the rest without being told."""
        here = self.gateway.wait_ready(0.0)
        if here != self.here:
            self.here = here
            log_event(Event.OPENCLAW_BACK if here else Event.OPENCLAW_LOST, self.owner.user_id, self.owner.epoch)
            self._note(here)

    def _note(self, here: bool) -> None:
        user_id = self.owner.user_id
        if here and self.agents.get(user_id).note != OPENCLAW_LOST:
            return  # somebody else's note
        if agent := self.agents.set_note(user_id, self.owner.epoch, None if here else OPENCLAW_LOST):
            self.show(agent)
