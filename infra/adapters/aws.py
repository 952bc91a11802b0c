"""The adapters of one account and region, each made when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from infra.adapters.apis import Apis
from infra.adapters.buckets import Buckets
from infra.adapters.builds import Builds
from infra.adapters.distributions import Distributions
from infra.adapters.functions import Functions
from infra.adapters.iam import Iam
from infra.adapters.logs import Logs
from infra.adapters.quotas import Quotas
from infra.adapters.registry import Registry
from infra.adapters.secrets import SecretParameters
from infra.adapters.stacks import Stacks
from infra.adapters.tables import Tables
from infra.adapters.tasks import ClusterTasks
from infra.adapters.users import Users
from infra.errors import DriverError
from infra.names import StageNames

RETRYING = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=60)


class Aws:
    def __init__(self, names: StageNames, region: str | None) -> None:
        self.names = names
        self.session = boto3.session.Session(region_name=region)
        if not self.session.region_name:
            raise DriverError("No region is set: give --region, or AWS_REGION, or `aws configure`.")
        self.region: str = self.session.region_name

    def client(self, service: str) -> Any:
        return self.session.client(service, config=RETRYING)  # type: ignore[call-overload]

    @cached_property
    def iam(self) -> Iam:
        return Iam(self.client("sts"), self.client("iam"))

    @cached_property
    def stacks(self) -> Stacks:
        return Stacks(self.client("cloudformation"))

    @cached_property
    def registry(self) -> Registry:
        return Registry(self.client("ecr"))

    @cached_property
    def builds(self) -> Builds:
        return Builds(self.client("codebuild"))

    @cached_property
    def secrets(self) -> SecretParameters:
        return SecretParameters(self.client("ssm"), self.names.secrets)

    @cached_property
    def buckets(self) -> Buckets:
        return Buckets(self.client("s3"))

    @cached_property
    def apis(self) -> Apis:
        return Apis(self.client("apigateway"), self.client("apigatewayv2"))

    @cached_property
    def users(self) -> Users:
        return Users(self.client("cognito-idp"))

    @cached_property
    def tables(self) -> Tables:
        return Tables(self.client("dynamodb"))

    @cached_property
    def functions(self) -> Functions:
        return Functions(self.client("lambda"), self.client("events"))

    @cached_property
    def tasks(self) -> ClusterTasks:
        return ClusterTasks(self.client("ecs"))

    @cached_property
    def distributions(self) -> Distributions:
        return Distributions(self.client("cloudfront"))

    @cached_property
    def quotas(self) -> Quotas:
        return Quotas(self.client("service-quotas"), self.client("ec2"))

    @cached_property
    def logs(self) -> Logs:
        return Logs(self.client("logs"))
