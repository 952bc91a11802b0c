"""Preferences, and how long starts took."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.domain.agent import Agent
from chalicelib.domain.estimate import SHIPPED, Estimate
from chalicelib.domain.settings import Settings
from chalicelib.store import Store, Table
from chalicelib.tables.settings import SettingsRows
from chalicelib.tables.starts import Starts
from tests.fakes.clock import NOON


def test_nothing_is_chosen_at_first(store: Store) -> None:
    assert SettingsRows(store).get("ada") == Settings()


def test_a_choice_is_kept_until_it_is_taken_back(store: Store) -> None:
    rows = SettingsRows(store)
    rows.change("ada", model="openai/gpt-5.4", language="ko")
    rows.change("ada", language=None)
    assert rows.get("ada") == Settings(model="openai/gpt-5.4", chosen=True)
    assert rows.get("bob") == Settings()


def test_starts_are_what_the_estimate_comes_from(store: Store) -> None:
    starts = Starts(store)
    assert starts.estimate("ada") == SHIPPED
    for number, seconds in enumerate((30.0, 42.5, 31.0)):
        began = NOON + timedelta(hours=number)
        starts.record(Agent("ada", started_at=began, steps={"queued": began}), began + timedelta(seconds=seconds))
    assert starts.estimate("ada") == Estimate(p50=31.0, p90=42.5)
    assert starts.estimate("bob") == SHIPPED


def test_a_start_is_kept_with_its_steps(store: Store) -> None:
    steps = {"queued": NOON, "gateway": NOON + timedelta(milliseconds=2500)}
    Starts(store).record(Agent("ada", started_at=NOON, steps=steps), NOON + timedelta(seconds=9))
    (row,) = store.query(Table.USAGE, "ada")
    assert (row["sk"], row["ms"], row["stages"]) == (
        "start#2026-01-01T12:00:09.000Z",
        9000,
        {"queued": 0, "gateway": 2500},
    )


def test_an_agent_that_never_started_took_no_time(store: Store) -> None:
    Starts(store).record(Agent("ada"), NOON)
    assert store.query(Table.USAGE, "ada") == []
