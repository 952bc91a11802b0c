"""Lambda and EventBridge: what chalice made, to be taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless

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

    def delete(self, name: str) -> None:
        with unless(MISSING), translated(f"deleting {name}"):
            self.client.delete_function(FunctionName=name)

    def drop_timer(self, rule: str) -> None:
        with unless(MISSING), translated(f"deleting the timer {rule}"):
            targets = self.events.list_targets_by_rule(Rule=rule)["Targets"]
            if targets:
                self.events.remove_targets(Rule=rule, Ids=[each["Id"] for each in targets])
            self.events.delete_rule(Name=rule)
