"""The check after a deploy: what it demands of an agent, and that the product on this machine meets it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from infra.errors import CheckFailed
from infra.verify import Visitor, converse
from tests.e2e.page import sign_in
from tests.e2e.product import Product


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


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("product")).start()
    yield product
    product.stop()


def visitor(product: Product, said: list[str]) -> Visitor:
    socket = product.origin.replace("http", "ws").rsplit(":", 1)
    return Visitor(
        api=f"{product.origin}/api",
        socket=f"{socket[0]}:{int(socket[1]) + 1}/local",
        origin=product.origin,
        token=sign_in(product.origin),
        say=said.append,
        conversation=str(uuid.uuid4()),
    )


def test_the_real_agent_wakes_answers_sleeps_and_wakes_with_what_it_knew(product: Product) -> None:
    said: list[str] = []
    guest = visitor(product, said)
    assert "amber" in guest.ask("Remember the word amber.")
    guest.fall_asleep()
    guest.ask("Which word?")
    assert product.remembered() == 2
    assert {"queued", "container", "gateway", "ready"} <= set(said)
    guest.fall_asleep()


def test_a_refusal_is_told_in_words(product: Product) -> None:
    guest = visitor(product, [])
    guest.token = "stranger"
    with pytest.raises(CheckFailed, match="POST /tickets answers 401"):
        guest.ask("Hello")


def test_an_address_where_nobody_is_is_told_in_words(tmp_path: Path) -> None:
    guest = Visitor("http://127.0.0.1:9/api", "ws://127.0.0.1:9", "http://127.0.0.1:9", "token", lambda _: None)
    with pytest.raises(CheckFailed, match="does not answer"):
        guest.ask("Hello")
