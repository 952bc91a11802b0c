"""Whether a policy allows a call: IAM's statements, as far as ours use them. What is not known here is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Statement = Mapping[str, Any]
QUANTIFIER = "ForAllValues:"
IF_EXISTS = "IfExists"


@dataclass(frozen=True)
class Call:
    action: str  # such as dynamodb:GetItem
    resource: str  # an ARN
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by condition key, what the call brings along


@dataclass(frozen=True)
class Policy:
    statements: tuple[Statement, ...]

    @classmethod
    def of(cls, document: str) -> Policy:
        return cls(tuple(json.loads(document)["Statement"]))

    def allows(self, call: Call) -> bool:
        """An explicit Deny wins; what no statement allows is denied."""
        effects = {statement["Effect"] for statement in self.statements if _applies(statement, call)}
        return effects == {"Allow"}


def _applies(statement: Statement, call: Call) -> bool:
    if unknown := statement.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}:
        raise NotImplementedError(f"statements with {sorted(unknown)}")
    return (
        any(_like(each.lower(), call.action.lower()) for each in _listed(statement["Action"]))
        and any(_like(each, call.resource) for each in _listed(statement["Resource"]))
        and all(_holds(operator, tests, call) for operator, tests in statement.get("Condition", {}).items())
    )


def _holds(operator: str, tests: Mapping[str, Any], call: Call) -> bool:
    """All keys of one operator. Without a value `ForAllValues:` and `…IfExists` hold, all others do not."""
    of_all, optional = operator.startswith(QUANTIFIER), operator.endswith(IF_EXISTS)
    kind = operator.removeprefix(QUANTIFIER).removesuffix(IF_EXISTS)
    if kind not in OPERATORS:
        raise NotImplementedError(f"the operator {operator}")
    matches = OPERATORS[kind]
    for key, wanted in tests.items():
        values = call.context.get(key, ())
        if not values and not (of_all or optional):
            return False
        if not all(any(matches(pattern, value) for pattern in _listed(wanted)) for value in values):
            return False
    return True


def _listed(value: str | list[str]) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else value


def _like(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


def _equal(wanted: str, value: str) -> bool:
    return wanted == value


OPERATORS = {"StringEquals": _equal, "StringLike": _like, "ArnEquals": _like, "ArnLike": _like}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.compile("".join(parts), re.DOTALL)
