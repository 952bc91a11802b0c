"""Secrets in SSM: which model keys there are, and the few secrets that we use ourselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SUFFIX = "-api-key"
FRESH = 300.0  # seconds that a secret is believed; a changed one is in use after that
ABSENT = 20.0  # seconds that a missing one is believed to be missing


@dataclass(frozen=True)
class SsmSecrets:
    connect: Callable[[], SSMClient]
    stage: str
    clock: Callable[[], float] = time.monotonic
    fresh: float = FRESH
    _known: dict[str, tuple[float, str | None]] = field(default_factory=dict, repr=False)

    @cached_property
    def client(self) -> SSMClient:
        return self.connect()

    @property
    def path(self) -> str:
        return f"/serverless-openclaw/{self.stage}/secrets/"

    def providers(self) -> frozenset[str]:
        path = self.path
        names = [
            parameter["Name"].removeprefix(path)
            for page in self.client.get_paginator("describe_parameters").paginate(
                ParameterFilters=[{"Key": "Path", "Option": "OneLevel", "Values": [path.rstrip("/")]}]
            )
            for parameter in page["Parameters"]
        ]
        return frozenset(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))

    def read(self, name: str) -> str | None:
        now = self.clock()
        good_until, value = self._known.get(name, (now, None))
        if now >= good_until:
            value = self._fetch(name)
            self._known[name] = now + (self.fresh if value else min(self.fresh, ABSENT)), value
        return value

    def _fetch(self, name: str) -> str | None:
        try:
            answer = self.client.get_parameter(Name=self.path + name, WithDecryption=True)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise
        return answer["Parameter"]["Value"]
