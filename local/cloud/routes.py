"""Finds the app's route for a path as API Gateway does: literal segments win over parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from chalice.app import Chalice


@dataclass(frozen=True)
class Match:
    resource: str
    parameters: Mapping[str, str]
    authorized: bool  # only with a token


def find(app: Chalice, method: str, path: str) -> Match | None:
    segments = path.strip("/").split("/")
    for resource in sorted(app.routes, key=_literalness):
        parameters = _match(resource.strip("/").split("/"), segments)
        entry = app.routes[resource].get(method)
        if parameters is not None and entry is not None:
            return Match(resource, parameters, entry.authorizer is not None)
    return None


def _match(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    parameters = {name[1:-1]: unquote(value) for name, value in zip(pattern, segments, strict=True) if name[:1] == "{"}
    literal = all(name[:1] == "{" or name == value for name, value in zip(pattern, segments, strict=True))
    return parameters if literal and all(parameters.values()) else None


def _literalness(resource: str) -> Any:
    return [segment.startswith("{") for segment in resource.strip("/").split("/")]
