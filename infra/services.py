"""The app's own services, with the rights of whoever runs the driver."""

from __future__ import annotations

from collections.abc import Mapping

import boto3

from chalicelib.config import AppConfig
from chalicelib.wiring import Services, aws
from infra.chalice import environment
from infra.context import StepContext


def services_of(context: StepContext, outputs: Mapping[str, str], **variables: str) -> Services:
    """Over what is deployed; `variables` of the environment are other than the functions'."""
    boto3.setup_default_session(region_name=context.aws.region)
    config = AppConfig.from_env(environment(context.names, outputs) | variables)
    return Services(config, aws(config))
