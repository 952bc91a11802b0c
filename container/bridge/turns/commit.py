"""When an answer counts: written down with the end of its question, its outbox row and its mirrors, all or nothing.

The answer is here and nowhere else, so a store that fails is waited for, much longer than one is usually away. A claim
that is not ours any more means that another epoch has begun.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from chalicelib.domain.conversation import Entry, answer
from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.inbox import Delivery, Message, entry_of
from chalicelib.domain.signals import Event
from chalicelib.errors import Fenced, Unstorable
from container.bridge.retry import retry
from container.bridge.turns.parts import TurnParts

log = logging.getLogger(__name__)
PAUSES = (0.2, 0.5, 1, 2, 4, *(8,) * 12)  # seconds between tries

UNKEPT = failed("internal.not_kept")


def commit(parts: TurnParts, message: Message, ended: Entry, *, mirror: bool) -> tuple[Delivery, Entry]:
    """The committed entry and its way: the answer, or the notice that the tables refuse it for good.

    Raises Fenced, or the store's last error after two minutes.
    """
    mirrors = find_mirrors(parts, message, ended) if mirror else []
    try:
        return _persist(parts, message, ended, mirrors), ended
    except Unstorable:
        log.exception("the answer to %s cannot be stored", message.id)
    notice = answer(entry_of(message), UNKEPT, ended.created_at, ended.duration_ms or 0)
    return _persist(parts, message, notice, mirrors), notice


def _persist(parts: TurnParts, message: Message, ended: Entry, mirrors: Sequence[Delivery]) -> Delivery:
    delivery = retry(lambda: _try_commit(parts, message, ended, mirrors), parts.concurrency.sleep, PAUSES)
    if delivery is None:
        raise Fenced(f"the claim on {message.id} is not ours any more")
    return delivery


def find_mirrors(parts: TurnParts, message: Message, ended: Entry) -> Sequence[Delivery]:
    """The chats that are told too. Raises the store's error when it stays away for long."""
    links = retry(lambda: parts.rows.links.list(parts.owner.user_id), parts.concurrency.sleep)
    return parts.deliveries.channels.mirrors(message, links, ended.seq)


def brings(message: Message, delivery: Delivery) -> bool:
    """Is it the outbox row of this message's answer, which its own turn brings away? Mirrors are left to the look."""
    return not delivery.mirror and delivery.seq == message.seq + 1


def _try_commit(parts: TurnParts, message: Message, ended: Entry, mirrors: Sequence[Delivery]) -> Delivery | None:
    try:
        return parts.rows.answers.commit(message, parts.owner.epoch, ended, parts.clock(), mirrors)
    except Exception:
        parts.log(Event.COMMIT_RETRIED, message)
        raise
