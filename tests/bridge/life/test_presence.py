"""The owner is told while OpenClaw is away, in words that go when it is back."""

from __future__ import annotations

from chalicelib.domain.notes import OPENCLAW_LOST
from container.bridge.life.presence import Presence
from container.bridge.ports import Owner
from tests.fakes.bridge import Desk
from tests.tables.scenes import USER


def away(desk: Desk) -> Presence:
    presence = Presence(Owner(USER, desk.agent.epoch), desk.rows.agents, desk.gateway, desk.deliveries.status)
    desk.gateway.ready = False
    presence.look()
    return presence


def test_the_owner_is_told_that_openclaw_is_being_restarted() -> None:
    desk = Desk()
    away(desk)
    told = desk.push.last("page", "status")
    assert (told["status"], told["noteCode"]) == ("running", "openclaw_lost")


def test_the_owner_is_told_once() -> None:
    desk = Desk()
    away(desk).look()
    assert desk.shown() == ["status"]


def test_the_words_go_when_openclaw_is_back() -> None:
    desk = Desk()
    presence = away(desk)
    desk.gateway.ready = True
    presence.look()
    assert "note" not in desk.push.last("page", "status")


def test_words_that_came_meanwhile_stay() -> None:
    desk = Desk()
    presence = away(desk)
    desk.rows.agents.set_note(USER, desk.agent.epoch, "The backup could not be written.")
    desk.gateway.ready = True
    presence.look()
    assert desk.rows.agents.get(USER).note == "The backup could not be written."


def test_a_bridge_whose_epoch_is_over_tells_nobody() -> None:
    desk = Desk()
    desk.rows.agents.stopped(desk.agent, desk.time.clock())
    begun = desk.rows.agents.begin(desk.rows.agents.get(USER), "ab" * 32, desk.time.clock())
    away(desk)
    assert begun and desk.rows.agents.get(USER).note != OPENCLAW_LOST
    assert desk.shown() == []
