"""What moto's stacks do otherwise than CloudFormation's: they know only one of the policies that keep a resource."""

from __future__ import annotations

from moto.cloudformation.parsing import ResourceMap

KEEPS = "RetainExceptOnCreate"


def install() -> None:
    delete = ResourceMap.delete

    def delete_but_kept(self: ResourceMap) -> None:
        for resource in self._resource_json_map.values():
            if resource.get("DeletionPolicy") == KEEPS:
                resource["DeletionPolicy"] = "Retain"
        delete(self)

    ResourceMap.delete = delete_but_kept  # type: ignore[method-assign]
