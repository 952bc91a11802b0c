"""Writes of the store read as what they mean: accepted, claimed, released, an entry, an agent's row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.store import Table
from chalicelib.tables.halts import HALT
from tests.simulation.history import Event

Row = dict[str, Any]


def meanings(event: Event) -> Iterator[Event]:
    for (table, owner, sort), before, after in event.facts["changes"]:
        if table is Table.PENDING_MESSAGES:
            yield from _pending(event, owner, sort, before, after)
        elif table is Table.CONVERSATIONS and not sort.startswith("conversation#"):
            talk, _, seq = sort.rpartition("#")
            yield _fact(event, "entry", user=owner, talk=talk, seq=int(seq), before=before, row=after)
        elif table is Table.SETTINGS and sort == HALT:
            yield _fact(event, "halt", user=owner, there=after is not None)
        elif table is Table.TASK_STATE:
            yield _fact(event, "row", user=owner, before=before or {}, row=after)


def _pending(event: Event, user: str, sort: str, before: Row | None, after: Row | None) -> Iterator[Event]:
    kind, _, rest = sort.partition("#")
    if kind == "out":
        yield _fact(event, "outbox", user=user, seq=int(rest.partition("#")[0]), there=after is not None)
    if kind != "in" or before is after is None:
        return
    row = after or before or {}
    about = {"user": user, "id": row["messageId"], "seq": int(rest), "talk": row["conversationId"]}
    if before is None:
        yield _fact(event, "accepted", **about, text=row["text"])
    elif after is None:
        yield _fact(event, "closed", **about, text=row["text"])
    elif before["text"] != after["text"]:
        yield _fact(event, "grown", **about, before=before["text"], text=after["text"])
    elif after.get("cancelled") and not before.get("cancelled"):
        yield _fact(event, "unwanted", **about)
    elif before["claimEpoch"] != after["claimEpoch"]:
        yield _fact(event, "claimed", **about, claim=after["claimEpoch"], claims=after["claims"])


def _fact(event: Event, kind: str, **facts: Any) -> Event:
    return Event(event.at, event.by, kind, {**facts, "writer": event.facts["epoch"]})
