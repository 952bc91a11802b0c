"""Somebody who wants in: with a ticket of their own making, and with one that another has used."""

from __future__ import annotations

from tests.simulation.cloud import Cloud
from tests.simulation.network import Socket
from tests.simulation.plan import STORM
from tests.simulation.ports import Line


class Stranger:
    def __init__(self, line: Line, cloud: Cloud) -> None:
        self._line, self._cloud = line, cloud

    def live(self) -> None:
        tries = 0
        while self._line.scheduler.now < STORM:
            self._line.scheduler.pause(self._line.random.uniform(5, 90))
            tries += 1
            ticket = self._cloud.used if tries % 2 else f"{tries:064x}"
            socket = Socket(f"stranger-{tries}", "mallory", lambda frame: None, lambda: None)
            self._cloud.connect(socket, ticket, lambda fine: None)
