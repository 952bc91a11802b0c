"""The owner is told while OpenClaw is away, in words that go when it is back."""

from __future__ import annotations

from chalicelib.domain.notes import OPENCLAW_LOST
from container.bridge.life.presence import Presence
from container.bridge.ports import Owner
from tests.fakes.bridge import Desk, FakeOpenClawControl
from tests.tables.scenes import USER


def away(desk: Desk) -> Presence:
    seen = watched(desk)
    desk.gateway.ready = False
    seen.look()
    return seen


def watched(desk: Desk, control: FakeOpenClawControl | None = None) -> Presence:
    owner, show = Owner(USER, desk.agent.epoch), desk.deliveries.status
    return Presence(owner, desk.rows.agents, desk.gateway, control or FakeOpenClawControl(), show)


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


def test_the_owner_is_told_once_of_what_would_change_how_openclaw_starts() -> None:
    desk, control = Desk(), FakeOpenClawControl()
    presence = watched(desk, control)
    control.found = ["extensions/\u202eevil", "openclaw.json"]
    presence.look()
    presence.look()
    assert desk.shown() == ["status"]
    told = desk.push.last("page", "status")
    assert (told["noteCode"], told["noteArgs"]) == ("start_changed", {"first": "extensions/�evil", "count": 2})
