"""CloudWatch Logs: the lines of all programs in one stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.adapters.errors import translated, unless


@dataclass(frozen=True)
class Logs:
    client: Any

    def since(self, group: str, start: datetime, words: str = "") -> Iterator[tuple[datetime, str, str]]:
        """Time, group and line, oldest first; with `words`, a filter pattern, only those that have them."""
        moment = round(start.timestamp() * 1000)
        with unless("ResourceNotFoundException"), translated(f"reading {group}"):
            asked = {"logGroupName": group, "startTime": moment, **({"filterPattern": words} if words else {})}
            pages = self.client.get_paginator("filter_log_events").paginate(**asked)
            for page in pages:
                for event in page["events"]:
                    at = datetime.fromtimestamp(event["timestamp"] / 1000, start.tzinfo)
                    yield at, group, event["message"].rstrip()
