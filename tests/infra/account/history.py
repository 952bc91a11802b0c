"""What happens to a stack, as CloudFormation tells it: each resource's steps, a hundred a page, failures taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.cloudformation.models import Event, Stack
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

PAGE = 100


def install() -> None:
    _tell_of_each_resource()
    _take_back_what_fails()
    CloudFormationResponse.describe_stack_events = describe_a_page  # type: ignore[method-assign]


def describe_a_page(self: CloudFormationResponse) -> ActionResult:
    """Newest first; older ones only by the token."""
    begin = int(self._get_param("NextToken") or 0)
    events = self.cloudformation_backend.describe_stack_events(self._get_param("StackName"))[::-1]
    more = {"NextToken": str(begin + PAGE)} if len(events) > begin + PAGE else {}
    return ActionResult({"StackEvents": events[begin : begin + PAGE], **more})


def _tell_of_each_resource() -> None:
    complete, update, delete = Stack.mark_creation_complete, Stack.update, Stack.delete

    def complete_each(self: Stack) -> None:
        tell(self, self.resource_map.resources, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
        complete(self)

    def update_each(self: Stack, *arguments: Any, **options: Any) -> None:
        update(self, *arguments, **options)
        end = self.events.pop()
        tell(self, self.resource_map.resources, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
        self.events.append(end)

    def delete_each(self: Stack) -> None:
        tell(self, self.resource_map.resources, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
        delete(self)

    Stack.mark_creation_complete = complete_each  # type: ignore[method-assign]
    Stack.update = update_each  # type: ignore[method-assign]
    Stack.delete = delete_each  # type: ignore[method-assign]


def _take_back_what_fails() -> None:
    create, drop = Stack.create_resources, ResourceMap.delete

    def create_or_take_back(self: Stack) -> None:
        try:
            create(self)
        except Exception as error:  # noqa: BLE001  whatever a service has against it
            made = [name for name in self.template_dict["Resources"] if name in self.resource_map._parsed_resources]
            tell(self, made, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
            tell(self, ["Refused"], "CREATE_FAILED", reason=str(error))
            tell(self, made, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
            drop(self.resource_map)
            self.template_dict = {**self.template_dict, "Outputs": {}}  # moto would make resources to tell them
            self.output_map = self._create_output_map()
            self.status = "ROLLBACK_COMPLETE"
            self._add_stack_event(self.status)

    Stack.create_resources = create_or_take_back  # type: ignore[method-assign]


def tell(stack: Stack, resources: Iterable[str], *statuses: str, reason: str | None = None) -> None:
    for status in statuses:
        stack.events += [
            Event(
                stack_id=stack.stack_id,
                stack_name=stack.name,
                logical_resource_id=name,
                physical_resource_id=name,
                resource_type="",
                resource_status=status,
                resource_status_reason=reason,
                resource_properties=None,
            )
            for name in resources
        ]
