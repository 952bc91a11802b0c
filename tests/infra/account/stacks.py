"""What moto's stacks do otherwise than CloudFormation's."""

from __future__ import annotations

import re
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import ResourceMap
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.route_tables import RouteTable
from moto.ecs.models import Cluster, EC2ContainerServiceBackend, TaskDefinition, ecs_backends
from moto.logs.models import LogGroup
from moto.s3.models import FakeBucket

CARD = "networkInterfaceId"
KEEPS = "RetainExceptOnCreate"


def install() -> None:
    _keep_what_is_kept()
    _notice_that_nothing_changes()
    _register_tasks_of_fargate()
    _delete_what_moto_forgets()
    _keep_versions()


def _keep_what_is_kept() -> None:
    """moto knows only one of the policies that keep a resource."""
    delete = ResourceMap.delete

    def delete_the_others(self: ResourceMap) -> None:
        for resource in self._resource_json_map.values():
            if resource.get("DeletionPolicy") == KEEPS:
                resource["DeletionPolicy"] = "Retain"
        delete(self)

    ResourceMap.delete = delete_the_others  # type: ignore[method-assign]


def _notice_that_nothing_changes() -> None:
    update = CloudFormationBackend.update_stack

    def update_or_refuse(self: Any, name: str, template: str, role_arn: Any, parameters: Any, tags: Any) -> Any:
        stack = self.get_stack(name)
        before = {key: str(value) for key, value in stack.resource_map.resolved_parameters.items()}
        after = {each["ParameterKey"]: each["ParameterValue"] for each in parameters}
        if template == stack.template and {**before, **after} == before:
            raise ValidationError(message="No updates are to be performed.")
        return update(self, name, template, role_arn, parameters, tags)

    parsing.get_references_from_template = named
    CloudFormationBackend.update_stack = update_or_refuse  # type: ignore[method-assign]


def named(template: Any) -> list[str]:
    """What a resource names, by Ref and, as moto does not see, by Sub."""
    return re.findall(r"""['"]Ref['"]: ['"](\w+)""", str(template)) + re.findall(r"\$\{(\w+)\}", str(template))


def _register_tasks_of_fargate() -> None:
    """Their memory is the task's, where moto looks for each container's; a change is a new revision; they unplug."""
    register = EC2ContainerServiceBackend.register_task_definition

    def register_with_memory(self: Any, family: str, container_definitions: Any, *rest: Any, **options: Any) -> Any:
        for container in container_definitions:
            container.setdefault("memory", 0)
            container["secrets"] = [each for each in container.get("secrets", []) if each]  # without !Ref AWS::NoValue
        return register(self, family, container_definitions, *rest, **options)

    def revise(cls: Any, /, new_resource_name: str, cloudformation_json: Any, **place: Any) -> Any:
        place.pop("original_resource")
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, **place)

    stop = EC2ContainerServiceBackend.stop_task

    def stop_and_unplug(self: Any, cluster_str: str, task_str: str, reason: str) -> Any:
        stopped, network = stop(self, cluster_str, task_str, reason), ec2_backends[self.account_id][self.region_name]
        attached: Any = stopped.attachments
        for card in [each["value"] for one in attached for each in one["details"] if each["name"] == CARD]:
            network.enis.pop(card, None)
        return stopped

    NetworkInterface.private_dns_name = "ip-10-0-0-1.ec2.internal"  # not every one has it
    EC2ContainerServiceBackend.stop_task = stop_and_unplug  # type: ignore[method-assign]
    EC2ContainerServiceBackend.register_task_definition = register_with_memory  # type: ignore[method-assign]
    TaskDefinition.update_from_cloudformation_json = classmethod(revise)  # type: ignore[assignment,method-assign]


def _delete_what_moto_forgets() -> None:
    def delete_routes(self: RouteTable, account_id: str, region: str) -> None:
        ec2_backends[account_id][region].route_tables.pop(self.id)

    def keep_log_group(cls: Any, /, original_resource: LogGroup, **_: Any) -> LogGroup:
        """An update would lose it from the stack, and the next stack of the name could not make it."""
        return original_resource

    def delete_cluster(self: Cluster, account_id: str, region: str) -> None:
        ecs_backends[account_id][region].delete_cluster(self.name)

    LogGroup.update_from_cloudformation_json = classmethod(keep_log_group)  # type: ignore[assignment]
    RouteTable.delete = delete_routes  # type: ignore[attr-defined]
    Cluster.delete = delete_cluster  # type: ignore[attr-defined]


def _keep_versions() -> None:
    create = FakeBucket.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]

    def create_with_versions(cls: Any, /, name: str, given: Any, *rest: Any, **options: Any) -> FakeBucket:
        bucket: FakeBucket = create(cls, name, given, *rest, **options)
        bucket.versioning_status = given.get("Properties", {}).get("VersioningConfiguration", {}).get("Status")
        return bucket

    FakeBucket.create_from_cloudformation_json = classmethod(create_with_versions)  # type: ignore[assignment,method-assign]
