"""What the owner is told of a running agent's OpenClaw: that it is not there, or is back, or was to start otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.generations import shown_name
from chalicelib.domain.notes import OPENCLAW_LOST, start_changed
from chalicelib.domain.signals import Event
from chalicelib.logs import log_event
from chalicelib.tables.agents import Agents
from container.bridge.ports import Gateway, OpenClawControl, Owner, ShowStatus


@dataclass
class Presence:
    """Used by the lifecycle's thread."""

    owner: Owner
    agents: Agents
    gateway: Gateway
    control: OpenClawControl
    show: ShowStatus
    here: bool = True
    told: int = 0  # changes

    def look(self) -> None:
        """Notices a change, and says it; the bridge and the supervisor do the rest without being told."""
        here = self.gateway.wait_ready(0.0)
        if here != self.here:
            self.here = here
            log_event(Event.OPENCLAW_BACK if here else Event.OPENCLAW_LOST, self.owner.user_id, self.owner.epoch)
            self._note(here)
        if len(changed := self.control.changed()) > self.told:
            self.told = len(changed)
            log_event(Event.START_CHANGED, self.owner.user_id, self.owner.epoch)
            self._set(start_changed(shown_name(changed[0]), len(changed)))

    def _note(self, here: bool) -> None:
        if here and self.agents.get(self.owner.user_id).note != OPENCLAW_LOST:
            return  # somebody else's note
        self._set(None if here else OPENCLAW_LOST)

    def _set(self, note: str | None) -> None:
        if agent := self.agents.set_note(self.owner.user_id, self.owner.epoch, note):
            self.show(agent)
