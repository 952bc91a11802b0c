"""The templates as values: short forms of functions as their long ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

INFRA = Path(__file__).parent.parent.parent / "infra"
NAMES = ("base", "template", "alarms")


class Loader(yaml.CSafeLoader):  # type: ignore[misc]
    pass


def _function(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = "Ref" if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", _function)


@cache
def template(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((INFRA / f"{name}.yaml").read_text(), Loader)
    return loaded


def resources() -> dict[str, Any]:
    return {key: each for name in NAMES for key, each in template(name)["Resources"].items()}


def policies_of(role: str) -> list[dict[str, Any]]:
    """A role's own policies and the shared ones it has."""
    properties = resources()[role]["Properties"]
    shared = [resources()[each["Ref"]] for each in properties.get("ManagedPolicyArns", [])]
    own = [each["PolicyDocument"] for each in properties["Policies"]]
    return own + [each["Properties"]["PolicyDocument"] for each in shared]
