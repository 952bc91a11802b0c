"""Stacks in every state that a run may find them in, without an account."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.adapters.stacks import Stack, StackEvent, Stacks, newest_operation
from infra.config import DriverConfig
from infra.console import Console
from infra.context import StepContext
from infra.errors import AwsError, StackFailed
from infra.executor import perform
from infra.plan import PutAlarms, PutStack
from infra.steps.stack import begin_stack, drop_stack, put_stack, why
from tests.infra import templates

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STEP = PutStack("it", "base.yaml", {"Stage": "dev"})


@dataclass
class FakeStacks:
    """Goes through `states` one by one, whenever somebody looks; the last one stays."""

    states: list[str]
    after_create: list[str] = field(default_factory=lambda: ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"])
    after_update: list[str] = field(default_factory=lambda: ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"])
    changes: bool = True
    happened: list[StackEvent] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    given: list[set[str]] = field(default_factory=list)
    refusal: AwsError | None = None

    def find(self, name: str) -> Stack | None:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return None if state == "GONE" else Stack(state)

    def create(self, name: str, template: str, parameters: Mapping[str, str]) -> None:
        self.asked.append("create")
        self.given.append(set(parameters))
        if self.refusal:
            raise self.refusal
        self.states = list(self.after_create)

    def update(self, name: str, template: str, parameters: Mapping[str, str]) -> bool:
        self.asked.append("update")
        self.states = list(self.after_update) if self.changes else self.states
        return self.changes

    def go_back(self, name: str) -> None:
        self.asked.append("go back")
        self.states = ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]

    def delete(self, name: str) -> None:
        self.asked.append("delete")
        self.states = ["DELETE_IN_PROGRESS", "GONE"]

    def events(self, name: str, known: Collection[str] = ()) -> list[StackEvent]:
        return [each for each in self.happened if each.id not in known]


def context(stacks: FakeStacks) -> StepContext:
    config = DriverConfig.read(["deploy", "--stage", "dev"], {}, Path())
    aws: Any = SimpleNamespace(stacks=stacks)
    return StepContext(config, Console(io.StringIO()), aws, cast("Any", None), clock=lambda: NOON, sleep=lambda _: None)


def said(one: StepContext) -> str:
    return cast("io.StringIO", one.console.out).getvalue()


def test_a_new_stack_is_created() -> None:
    stacks = FakeStacks(["GONE"])
    put_stack(context(stacks), STEP)
    assert stacks.asked == ["create"]


def test_one_that_is_there_is_updated() -> None:
    stacks = FakeStacks(["CREATE_COMPLETE"])
    put_stack(context(stacks), STEP)
    assert stacks.asked == ["update"]


def test_one_that_the_last_run_had_begun_is_waited_for() -> None:
    stacks = FakeStacks(["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"], changes=False)
    put_stack(context(stacks), STEP)
    assert stacks.asked == ["update"]


def test_one_that_is_begun_is_not_waited_for_nor_begun_twice() -> None:
    stacks = FakeStacks(["GONE"])
    begin_stack(context(stacks), STEP)
    assert (stacks.asked, stacks.states) == (["create"], stacks.after_create)
    begin_stack(context(stacks), STEP)
    assert stacks.asked == ["create"]


def test_one_that_this_run_has_begun_and_that_failed_is_not_made_again_at_once() -> None:
    """It would fail for the same reason, some minutes later."""
    reason = StackEvent("1", NOON, "Page", "CREATE_FAILED", "the account must be verified")
    stacks = FakeStacks(["CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"], happened=[reason])
    with pytest.raises(StackFailed, match="the account must be verified"):
        put_stack(context(stacks), replace(STEP, begun=True))
    assert stacks.asked == []


@pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"])
def test_one_that_was_never_born_is_deleted_and_made_anew(state: str) -> None:
    stacks = FakeStacks([state])
    put_stack(context(stacks), STEP)
    assert stacks.asked == ["delete", "create"]


def test_one_that_is_being_deleted_is_waited_for_and_made_anew() -> None:
    stacks = FakeStacks(["DELETE_IN_PROGRESS", "GONE"])
    put_stack(context(stacks), STEP)
    assert stacks.asked == ["create"]


def test_a_failure_is_told_with_cloudformations_reason() -> None:
    reason = StackEvent("1", NOON, "Page", "CREATE_FAILED", "the account must be verified")
    late = StackEvent("2", NOON, "Budget", "CREATE_FAILED", "Resource creation cancelled")
    stacks = FakeStacks(["GONE"], after_create=["ROLLBACK_COMPLETE"], happened=[reason, late])
    one = context(stacks)
    with pytest.raises(StackFailed, match="the account must be verified") as told:
        put_stack(one, STEP)
    assert "Budget" not in str(told.value)
    assert "create failed" in said(one)


def test_an_update_that_went_back_is_a_failure() -> None:
    stacks = FakeStacks(["UPDATE_COMPLETE"], after_update=["UPDATE_ROLLBACK_COMPLETE"])
    with pytest.raises(StackFailed, match="UPDATE_ROLLBACK_COMPLETE"):
        put_stack(context(stacks), STEP)


def test_a_stack_that_went_back_can_be_updated_again() -> None:
    stacks = FakeStacks(["UPDATE_ROLLBACK_COMPLETE"])
    put_stack(context(stacks), STEP)
    assert stacks.asked == ["update"]


def test_one_that_stuck_on_its_way_back_goes_to_the_end_of_it_first() -> None:
    stacks = FakeStacks(["UPDATE_ROLLBACK_FAILED"])
    put_stack(context(stacks), STEP)
    assert stacks.asked == ["go back", "update"]


def test_a_deletion_waits_until_the_stack_is_gone() -> None:
    stacks = FakeStacks(["CREATE_COMPLETE"])
    drop_stack(context(stacks), "it")
    assert stacks.asked == ["delete"]


@pytest.mark.parametrize(
    "states",
    [
        ["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"],
        ["ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"],
        ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"],
    ],
)
def test_one_that_is_being_changed_is_not_deleted_before_that_is_over(states: list[str]) -> None:
    """AWS refuses it, and timer and functions are gone by then."""
    stacks, found = FakeStacks(list(states)), []
    delete = stacks.delete

    def note(name: str) -> None:
        found.append(stacks.states)
        delete(name)

    vars(stacks)["delete"] = note
    drop_stack(context(stacks), "it")
    assert found == [states[-1:]]


def test_one_that_is_being_created_or_deleted_need_not_be_waited_for_first() -> None:
    stacks = FakeStacks(["CREATE_IN_PROGRESS"])
    drop_stack(context(stacks), "it")
    assert stacks.asked == ["delete"]
    stacks = FakeStacks(["DELETE_IN_PROGRESS", "GONE"])
    drop_stack(context(stacks), "it")
    assert stacks.asked == []


def test_what_is_not_there_need_not_be_deleted() -> None:
    stacks = FakeStacks(["GONE"])
    drop_stack(context(stacks), "it")
    assert stacks.asked == []


class Paged:
    """CloudFormation's client: a hundred events a page, newest first."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self.events, self.pages = events, 0

    def get_paginator(self, _: str) -> Paged:
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:
        for at in range(0, len(self.events), 100):
            self.pages += 1
            yield {"StackEvents": self.events[at : at + 100]}


def event(number: int, status: str, reason: str = "", resource: str = "Page") -> dict[str, Any]:
    told = {"EventId": str(number), "Timestamp": NOON, "LogicalResourceId": resource, "ResourceStatus": status}
    return {**told, "ResourceStatusReason": reason}


LATE = [  # an update: its beginning, the failure, and the whole way back of a stack of sixty resources
    event(0, "CREATE_FAILED", "of an update long ago"),
    event(1, "UPDATE_IN_PROGRESS", "User Initiated", "it"),
    event(2, "UPDATE_FAILED", "Handler returned message: Rate exceeded"),
    *(event(number, "DELETE_COMPLETE") for number in range(3, 253)),
]


def test_all_pages_of_events_are_read_but_none_that_is_known_already() -> None:
    client = Paged(LATE[::-1])
    assert [each.id for each in Stacks(client).events("it")] == [str(number) for number in range(253)]
    client.pages = 0
    assert [each.id for each in Stacks(client).events("it", {"250"})] == ["251", "252"]
    assert client.pages == 1


@pytest.mark.parametrize("known", [set[str](), {"0"}])
def test_the_reason_of_a_failure_is_told_however_much_has_happened_since(known: set[str]) -> None:
    stacks = FakeStacks(["UPDATE_ROLLBACK_COMPLETE"])
    one = context(stacks)
    one.aws.stacks = Stacks(Paged(LATE[::-1]))
    assert why(one, "it", None, known) == "Page: Handler returned message: Rate exceeded"


def test_a_failure_without_events_is_told_with_the_reason_of_the_stack() -> None:
    assert why(context(FakeStacks(["GONE"])), "it", Stack("X", reason="Template error")) == "Template error"
    assert why(context(FakeStacks(["GONE"])), "it", None) == "CloudFormation gives no reason."


def test_one_that_was_never_born_is_told_why_before_it_is_deleted() -> None:
    failed = StackEvent("1", NOON, "Page", "CREATE_FAILED", "the account must be verified")
    one = context(FakeStacks(["ROLLBACK_COMPLETE"], happened=[failed]))
    put_stack(one, STEP)
    assert "the account must be verified" in said(one)


def test_of_what_the_last_run_had_begun_nothing_older_is_shown() -> None:
    old = StackEvent("0", NOON, "Page", "UPDATE_COMPLETE")
    begun = StackEvent("1", NOON, "it", "UPDATE_IN_PROGRESS", "User Initiated")
    new = StackEvent("2", NOON, "Cluster", "UPDATE_COMPLETE")
    assert newest_operation([old, begun, new]) == [begun, new]
    one = context(FakeStacks(["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"], changes=False, happened=[old, begun, new]))
    put_stack(one, STEP)
    assert "Cluster" in said(one)
    assert "Page" not in said(one)


@pytest.mark.parametrize("template", ["base.yaml", "template.yaml", "alarms.yaml"])
def test_a_parameter_that_only_an_older_release_knew_is_not_sent(template: str) -> None:
    stacks = FakeStacks(["GONE"])
    known = set(parameters_of(template.removesuffix(".yaml")))
    put_stack(context(stacks), PutStack("it", template, dict.fromkeys([*known, "Dropped"], "x")))
    assert stacks.given == [known]


def parameters_of(name: str) -> list[str]:
    return list(templates.template(name)["Parameters"])


@pytest.mark.parametrize("error", [None, AwsError("User is not authorized to perform: cloudformation:CreateStack")])
def test_alarms_that_the_account_refuses_are_a_warning(error: AwsError | None) -> None:
    reason = StackEvent("1", NOON, "Budget", "CREATE_FAILED", "Account is not allowed to create budgets")
    stacks = FakeStacks(["GONE"], after_create=["ROLLBACK_COMPLETE"], happened=[reason], refusal=error)
    one = context(stacks)
    perform(one, PutAlarms(PutStack("it", "alarms.yaml", {})))
    assert "The agent works without" in said(one)
    assert (str(error) if error else "Account is not allowed to create budgets") in said(one)
