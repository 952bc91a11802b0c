"""The driver's check, `python -m infra verify`, on the product of this machine."""

from __future__ import annotations

import uuid

import pytest

from infra.adapters.visitor import Visitor
from infra.errors import CheckFailed
from tests.e2e.page import sign_in
from tests.e2e.product import Product


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


def test_a_refusal_is_told_in_words(product: Product) -> None:
    guest = visitor(product, [])
    guest.token = "stranger"
    with pytest.raises(CheckFailed, match="POST /tickets answers 401"):
        guest.ask("Hello")
