"""Which providers have a key, by the names of parameters alone."""

from __future__ import annotations

import boto3
from moto import mock_aws

from chalicelib.adapters.ssm import SsmSecrets


@mock_aws
def test_a_provider_counts_when_its_key_is_stored_in_this_stage() -> None:
    ssm = boto3.client("ssm", region_name="eu-central-1")
    for stage, name in [
        ("prod", "anthropic-api-key"),
        ("prod", "openai-api-key"),
        ("prod", "telegram-bot-token"),
        ("dev", "google-api-key"),
    ]:
        ssm.put_parameter(Name=f"/serverless-openclaw/{stage}/secrets/{name}", Value="x", Type="String")
    assert SsmSecrets(lambda: ssm, "prod").providers() == {"anthropic", "openai"}
    assert SsmSecrets(lambda: ssm, "dev").providers() == {"google"}


@mock_aws
def test_more_parameters_than_one_page_are_read() -> None:
    ssm = boto3.client("ssm", region_name="eu-central-1")
    for number in range(12):
        ssm.put_parameter(Name=f"/serverless-openclaw/prod/secrets/p{number}-api-key", Value="x", Type="String")
    assert len(SsmSecrets(lambda: ssm, "prod").providers()) == 12


@mock_aws
def test_without_parameters_there_are_none() -> None:
    assert SsmSecrets(lambda: boto3.client("ssm", region_name="eu-central-1"), "prod").providers() == frozenset()
