"""After a silence OpenClaw answers as fast as before it, and the silence stays one."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.domain.agent import State
from container.bridge.life.warmth import PAUSE, Warmth
from tests.fakes.bridge import Desk, eventually
from tests.fakes.life import SHORT, Life
from tests.tables.scenes import accept

ROUNDS = 3


class Silence:
    """Some pauses long; the time between them does not matter."""

    def __init__(self, desk: Desk) -> None:
        self.pauses: list[float] = []
        self.warmth = Warmth(desk.gateway, desk.turns, self.pauses.append, lambda: len(self.pauses) == ROUNDS)


def test_an_idle_agent_is_kept_warm_until_it_leaves() -> None:
    desk = Desk()
    silence = Silence(desk)
    silence.warmth.run()
    assert desk.gateway.kept_warm == ROUNDS
    assert silence.pauses == [PAUSE] * ROUNDS


def test_while_a_turn_runs_nothing_is_sent() -> None:
    desk = Desk()
    accept(desk.store, "m1", "slow")
    desk.turns.step()
    eventually(lambda: desk.gateway.asked, "the turn")
    Silence(desk).warmth.run()
    desk.gateway.go.set()
    assert desk.gateway.kept_warm == 0


def test_while_openclaw_works_by_itself_nothing_is_sent() -> None:
    desk = Desk()
    desk.gateway.quiet = timedelta(seconds=PAUSE / 2)
    Silence(desk).warmth.run()
    assert desk.gateway.kept_warm == 0


def test_it_is_no_activity() -> None:
    life = Life(Desk(), idle=SHORT).start()
    life.ends()
    assert life.state() is State.IDLE
    assert life.desk.gateway.kept_warm
