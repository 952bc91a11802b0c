"""Which secrets are stored; never the secrets themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SUFFIX = "-api-key"


@dataclass(frozen=True)
class SsmSecrets:
    connect: Callable[[], SSMClient]
    stage: str

    @cached_property
    def client(self) -> SSMClient:
        return self.connect()

    def providers(self) -> frozenset[str]:
        path = f"/serverless-openclaw/{self.stage}/secrets/"
        names = [
            parameter["Name"].removeprefix(path)
            for page in self.client.get_paginator("describe_parameters").paginate(
                ParameterFilters=[{"Key": "Path", "Option": "OneLevel", "Values": [path.rstrip("/")]}]
            )
            for parameter in page["Parameters"]
        ]
        return frozenset(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))
