"""How long starts took: rows `start#<time>` of Usage, from which the page's estimate comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.agent import Agent
from chalicelib.domain.estimate import WINDOW, Estimate, estimate
from chalicelib.domain.times import to_seconds, to_text
from chalicelib.store import Put, Store, Table

KEEP = timedelta(days=90)


@dataclass(frozen=True)
class Starts:
    store: Store

    def record(self, agent: Agent, now: datetime) -> None:
        """Step times of the start that has just succeeded, as milliseconds after its request."""
        if agent.started_at is None:
            return
        began = agent.started_at
        steps: Mapping[str, int] = {name: _ms(at - began) for name, at in agent.steps.items()}
        row = {
            "userId": agent.user_id,
            "sk": f"start#{to_text(now)}",
            "ms": _ms(now - began),
            "stages": dict(steps),
        }
        self.store.write(Put(Table.USAGE, {**row, "expiresAt": to_seconds(now + KEEP)}))

    def estimate(self, user_id: str) -> Estimate:
        rows = self.store.query(Table.USAGE, user_id, start="start#", end="start#~", limit=WINDOW, newest=True)
        return estimate([row["ms"] / 1000 for row in rows])


def _ms(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
