"""What infra/template.yaml says, as far as the laptop does the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[1] / "infra" / "template.yaml"


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]
    """CloudFormation's short forms of functions stand for their arguments."""


def _argument(loader: _Loader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _argument)


@cache
def properties(resource: str) -> Any:
    return _resources()[resource]["Properties"]


@cache
def _resources() -> Any:
    return yaml.load(TEMPLATE.read_text(), _Loader)["Resources"]
