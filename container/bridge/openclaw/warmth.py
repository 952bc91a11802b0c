"""Keeps OpenClaw quick between turns: what its first turn loads, and the workers that it retires after a minute."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from container.bridge.openclaw.connection import GatewayError
from container.bridge.openclaw.driver import GatewayLink
from container.bridge.openclaw.protocol import Json, OnAnswer, Response, build_send, session_key

log = logging.getLogger(__name__)
Post = Callable[[str, Json, OnAnswer], None]
NOBODY = "nobody"  # a member that no session has, and a word to look for


def warm_up(link: GatewayLink) -> None:
    """Has OpenClaw load what its first turn needs; no model is asked and nothing of it is kept."""
    key, message_id = session_key(f"warm-up-{uuid.uuid4()}"), str(uuid.uuid4())
    command = {**build_send(key, message_id, "/status"), "suppressCommandInterpretation": False}
    try:
        link.request("chat.send", command)
        link.request("agent.wait", {"runId": message_id, "timeoutMs": 20_000})
        link.request("sessions.delete", {"key": key})
    except GatewayError as error:
        log.warning("the warm-up did not succeed: %s", error)


def keep_warm(post: Post) -> None:
    """Uses the two workers of the agent's database that a turn needs; waits for nothing, writes nothing.

    OpenClaw 2026.9.6 ends the writing one after 60 s without use, and the reading one once a minute whether used or
    not; to load them anew takes the next turn two seconds. No key and no variable of OpenClaw changes that. Removing
    a member whom a session does not have is the one request that reaches the writing worker and changes nothing. The
    reading one loads its modules by what it is asked: a search and a look at the history load nine tenths of what a
    turn needs, members, previews and lists a fifth.
    """

    def use(listed: Response | None) -> None:
        sessions = listed.payload.get("sessions") if listed and not listed.error else None
        for key in (session.get("key") for session in sessions or () if session.get("key")):
            post("sessions.search", {"sessionKeys": [key], "query": NOBODY, "limit": 1}, _ignore)
            post("chat.history", {"sessionKey": key, "limit": 1}, _ignore)
            post("session.members.remove", {"sessionKey": key, "identityId": NOBODY}, _ignore)

    post("sessions.list", {"limit": 1}, use)


def _ignore(response: Response | None) -> None:
    """A worker was used; what it found interests nobody."""
