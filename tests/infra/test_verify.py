"""The check after a deploy: what it demands of an agent. `tests/e2e/test_check.py` lets the real one meet it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from infra.adapters.visitor import Visitor
from infra.conversation import converse
from infra.errors import CheckFailed


@dataclass
class Agent:
    """What it was told, and whether a sleep makes it forget."""

    forgets: bool = False
    said: list[str] = field(default_factory=list)
    sleeps: int = 0

    def ask(self, text: str) -> str:
        self.said.append(text)
        return "I have no idea." if self.forgets and self.sleeps else f"As you said: {' '.join(self.said)}"

    def fall_asleep(self) -> None:
        self.sleeps += 1


def talk(agent: Agent, wakes: list[str]) -> list[str]:
    said: list[str] = []
    converse(cast("Any", agent), "amber", said.append, lambda: wakes.append("woken"))
    return said


def test_an_agent_that_remembers_passes_and_is_left_asleep() -> None:
    agent, wakes = Agent(), list[str]()
    assert talk(agent, wakes)[-1] == "it woke and remembers"
    assert (len(agent.said), agent.sleeps, len(wakes)) == (2, 2, 2)


def test_one_that_forgets_does_not() -> None:
    with pytest.raises(CheckFailed, match="does not remember 'amber'"):
        talk(Agent(forgets=True), [])


def test_an_address_where_nobody_is_is_told_in_words() -> None:
    guest = Visitor("http://127.0.0.1:9/api", "ws://127.0.0.1:9", "http://127.0.0.1:9", "token", lambda _: None)
    with pytest.raises(CheckFailed, match="does not answer"):
        guest.ask("Hello")
