"""CloudFormation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.adapters.errors import translated
from infra.errors import AwsError

NOTHING_TO_DO = "No updates are to be performed"
MISSING = "does not exist"


@dataclass(frozen=True)
class Stack:
    """One as it is now."""

    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""  # of its status

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS")

    @property
    def good(self) -> bool:
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")

    @property
    def usable(self) -> bool:
        """As it was before its last change was taken back, at least."""
        return self.good or self.status == "UPDATE_ROLLBACK_COMPLETE"

    @property
    def stuck(self) -> bool:
        """On the way back: it takes no change until that has been gone to the end."""
        return self.status == "UPDATE_ROLLBACK_FAILED"

    @property
    def stillborn(self) -> bool:
        """Its creation failed: it can only be deleted."""
        return self.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")


@dataclass(frozen=True)
class StackEvent:
    """One line of a stack's events."""

    id: str
    time: datetime
    resource: str
    status: str
    reason: str = ""

    @property
    def failed(self) -> bool:
        """By itself, and not because another one did."""
        return self.status.endswith("_FAILED") and "cancelled" not in self.reason.lower()


def newest_operation(events: Sequence[StackEvent]) -> list[StackEvent]:
    """What has happened since somebody last asked for something, of events that are oldest first."""
    begun = [number for number, each in enumerate(events) if each.reason == "User Initiated"]
    return list(events[begun[-1] :]) if begun else list(events)


@dataclass(frozen=True)
class Stacks:
    client: Any

    def find(self, name: str) -> Stack | None:
        try:
            with translated(f"looking at the stack {name}"):
                found = self.client.describe_stacks(StackName=name)["Stacks"][0]
        except AwsError as error:
            if MISSING in str(error):
                return None
            raise
        if found["StackStatus"] == "DELETE_COMPLETE":
            return None
        outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
        given = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}
        return Stack(found["StackStatus"], outputs, given, found.get("StackStatusReason", ""))

    def create(self, name: str, template: str, parameters: Mapping[str, str]) -> None:
        with translated(f"creating the stack {name}"):
            self.client.create_stack(**_request(name, template, parameters))

    def update(self, name: str, template: str, parameters: Mapping[str, str]) -> bool:
        """False when there is nothing to change."""
        try:
            with translated(f"updating the stack {name}"):
                self.client.update_stack(**_request(name, template, parameters))
        except AwsError as error:
            if NOTHING_TO_DO in str(error):
                return False
            raise
        return True

    def go_back(self, name: str) -> None:
        """The rest of the way that an update that failed has begun."""
        with translated(f"going on with the way back of the stack {name}"):
            self.client.continue_update_rollback(StackName=name)

    def delete(self, name: str) -> None:
        with translated(f"deleting the stack {name}"):
            self.client.delete_stack(StackName=name)

    def events(self, name: str, known: Collection[str] = ()) -> list[StackEvent]:
        """All that came after those whose ids are `known`, oldest first. A stack that is gone has none."""
        newer: list[StackEvent] = []
        try:
            with translated(f"reading the events of {name}"):
                for event in self._newest_first(name):
                    if event.id in known:
                        break
                    newer.append(event)
        except AwsError as error:
            if MISSING in str(error):
                return []
            raise
        return newer[::-1]

    def _newest_first(self, name: str) -> Iterator[StackEvent]:
        """A page has a hundred; going back alone makes more than that."""
        for page in self.client.get_paginator("describe_stack_events").paginate(StackName=name):
            yield from map(_happening, page["StackEvents"])


def _request(name: str, template: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    tags = [{"Key": "project", "Value": "serverless-openclaw"}]
    return {
        "StackName": name,
        "TemplateBody": template,
        "Parameters": given,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": tags,
    }


def _happening(event: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        event["EventId"],
        event["Timestamp"],
        event["LogicalResourceId"],
        event["ResourceStatus"],
        event.get("ResourceStatusReason", ""),
    )
