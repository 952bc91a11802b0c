"""Questions to OpenClaw about its transcript that take more than one request, or may go unanswered."""

from __future__ import annotations

from contextlib import suppress

from chalicelib.domain.turn import Usage
from container.bridge.openclaw.connection import GatewayError
from container.bridge.openclaw.history import MAX_CHARS, build_history, fill_in, list_omitted, sum_usage
from container.bridge.openclaw.message import Link, Message
from container.bridge.openclaw.protocol import Json

ROWS = 20  # of a turn without tools, generously
ROWS_PER_TOOL = 4
PATIENCE = 5.0  # seconds for what is nice to have


def complete(link: Link, message: Message, history: Json) -> Json:
    """With the rows of the message's turn that were left out because of their size."""
    whole: dict[str, Json] = {}
    for row_id in list_omitted(history, message.id):
        with suppress(GatewayError):
            place = {"sessionKey": message.session, "messageId": row_id, "maxChars": MAX_CHARS}
            whole[row_id] = link.request("chat.message.get", place).get("message") or {}
    return fill_in(history, whole)


def read_usage(link: Link, message: Message, tool_calls: int) -> Usage | None:
    rows = ROWS + ROWS_PER_TOOL * tool_calls
    with suppress(GatewayError):
        return sum_usage(link.request("chat.history", build_history(message.session, rows, 1), PATIENCE), message.id)
    return None
