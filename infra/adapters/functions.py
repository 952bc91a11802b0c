"""Lambda and EventBridge: what chalice made, to be taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless
from infra.errors import AwsError

MISSING = "ResourceNotFoundException"


@dataclass(frozen=True)
class Functions:
    client: Any
    events: Any

    def exists(self, name: str) -> bool:
        with unless(MISSING), translated(f"looking for {name}"):
            self.client.get_function(FunctionName=name)
            return True
        return False

    def unreserved(self, ours: Iterable[str]) -> int | None:
        """How many may run at once that no function of others has reserved. None when AWS does not say."""
        try:
            with translated("asking how many functions may run at once"):
                pool = self.client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
            return int(pool) + sum(map(self._reserved, ours))
        except AwsError:
            return None

    def _reserved(self, name: str) -> int:
        with unless(MISSING), translated(f"looking at {name}"):
            return int(self.client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0))
        return 0

    def delete(self, name: str) -> None:
        with unless(MISSING), translated(f"deleting {name}"):
            self.client.delete_function(FunctionName=name)

    def drop_timer(self, rule: str) -> None:
        with unless(MISSING), translated(f"deleting the timer {rule}"):
            targets = self.events.list_targets_by_rule(Rule=rule)["Targets"]
            if targets:
                self.events.remove_targets(Rule=rule, Ids=[each["Id"] for each in targets])
            self.events.delete_rule(Name=rule)
