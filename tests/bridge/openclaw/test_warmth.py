"""OpenClaw's workers are used, so that it does not put them away: of its memory nothing changes."""

from __future__ import annotations

import pytest

from container.bridge.openclaw.connection import ConnectionLost, RequestRefused
from container.bridge.openclaw.protocol import Json, Refusal
from container.bridge.openclaw.warmth import keep_warm
from tests.bridge.openclaw.script import EMPTY, Reply, ScriptedLink

ONE: Json = {"sessions": [{"key": "agent:main:talk"}]}
USED = ["sessions.list", "sessions.search", "chat.history", "session.members.remove"]
REFUSED = RequestRefused(Refusal("UNAVAILABLE", "starting", retry_after=1.0))


def test_the_reading_and_the_writing_worker_of_the_agents_database_are_used() -> None:
    link = ScriptedLink(replies={"sessions.list": [ONE]})
    keep_warm(link.post)
    assert link.requests == USED
    assert link.sent == []  # no turn, so no model


@pytest.mark.parametrize("reply", [EMPTY, {"sessions": []}, REFUSED, ConnectionLost("closed")])
def test_without_a_memory_or_a_gateway_there_is_nothing_to_keep(reply: Reply) -> None:
    link = ScriptedLink(replies={"sessions.list": [reply]})
    keep_warm(link.post)
    assert link.requests == USED[:1]


def test_a_session_that_was_just_deleted_does_no_harm() -> None:
    link = ScriptedLink(replies={"sessions.list": [ONE], "sessions.search": [REFUSED]})
    keep_warm(link.post)
    assert link.requests == USED
