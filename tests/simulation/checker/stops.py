"""Stop stops: from the moment at which the bridge hears it nothing goes to the model, and the turn is soon over."""

from __future__ import annotations

from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

SOON = 0.3  # seconds
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


def _turn(event: Event) -> Turn:
    return event.by, event.facts["message"]
