"""SSM: the secrets, written and counted here; read by the programs that need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless


@dataclass(frozen=True)
class SecretParameters:
    client: Any
    path: str  # /serverless-openclaw/<stage>/secrets/

    def names(self) -> list[str]:
        filters = [{"Key": "Path", "Option": "OneLevel", "Values": [self.path.rstrip("/")]}]
        with translated("listing the secrets' names"):
            pages = self.client.get_paginator("describe_parameters").paginate(ParameterFilters=filters)
            found = [each["Name"].removeprefix(self.path) for page in pages for each in page["Parameters"]]
        return sorted(found)

    def put(self, name: str, value: str) -> None:
        with translated(f"storing {name}"):
            self.client.put_parameter(Name=self.path + name, Value=value, Type="SecureString", Overwrite=True)

    def get(self, name: str) -> str | None:
        with unless("ParameterNotFound"), translated(f"reading {name}"):
            answer = self.client.get_parameter(Name=self.path + name, WithDecryption=True)
            return str(answer["Parameter"]["Value"])
        return None

    def delete(self, name: str) -> None:
        with unless("ParameterNotFound"), translated(f"deleting {name}"):
            self.client.delete_parameter(Name=self.path + name)
