"""Stop stops: from the moment at which the bridge hears it nothing goes to the model, and the turn is soon over.

So does the kill switch, which the watchdog carries out where whoever set it died over that.
"""

from __future__ import annotations

from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

SOON = 0.3  # seconds
HALTED = 260.0  # seconds: the watchdog's minute, three sweeps that are lost or get no answer, the end of a task
Turn = tuple[str, str]  # the bridge and the message


class NothingSent(Invariant):
    name = "nothing is sent to the model after Stop"

    def __init__(self) -> None:
        super().__init__()
        self._heard: dict[Turn, float] = {}

    def on_stop_heard(self, event: Event) -> None:
        self._heard.setdefault(_turn(event), event.at)

    def on_sent_to_model(self, event: Event) -> None:
        turn = _turn(event)
        self.demand(turn not in self._heard, event, f"{turn[1]} was sent, after Stop at {self._heard.get(turn)}")


class OverAtOnce(Invariant):
    name = "a stopped turn is over at once"

    def __init__(self) -> None:
        super().__init__()
        self._began: dict[Turn, float] = {}  # running turns
        self._heard: dict[Turn, float] = {}

    def on_turn_began(self, event: Event) -> None:
        self._began[_turn(event)] = event.at

    def on_stop_heard(self, event: Event) -> None:
        self._heard.setdefault(_turn(event), event.at)

    def on_turn_over(self, event: Event) -> None:
        turn = _turn(event)
        began = self._began.pop(turn, event.at)
        if turn in self._heard:
            took = event.at - max(began, self._heard.pop(turn))
            self.demand(took <= SOON, event, f"{turn[1]} was over {took:.2f} s after Stop")


class Halted(Invariant):
    name = "behind the kill switch nothing goes to the model"

    def __init__(self) -> None:
        super().__init__()
        self._since: dict[str, float] = {}

    def on_halt(self, event: Event) -> None:
        if event.facts["there"]:
            self._since.setdefault(event.facts["user"], event.at)
        else:
            self._since.pop(event.facts["user"], None)

    def on_llm_run(self, event: Event) -> None:
        since = self._since.get(event.facts["user"], event.at)
        self.demand(event.at - since <= HALTED, event, f"{event.facts['message']}, {event.at - since:.0f} s after it")


def _turn(event: Event) -> Turn:
    return event.by, event.facts["message"]
