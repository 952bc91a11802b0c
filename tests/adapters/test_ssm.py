"""Which providers have a key, by the names of parameters alone."""

from __future__ import annotations

import boto3
from moto import mock_aws

from chalicelib.adapters.ssm import SsmSecrets


@mock_aws
def test_a_provider_counts_when_its_key_is_stored_in_this_stage() -> None:
    ssm = boto3.client("ssm", region_name="eu-central-1")
    assert SsmSecrets(lambda: ssm, "prod").providers() == frozenset()
    others = [f"prod/secrets/other-{number}" for number in range(12)]  # more than one page
    for name in (
        "prod/secrets/anthropic-api-key",
        *others,
        "prod/secrets/openai-api-key",
        "dev/secrets/google-api-key",
    ):
        ssm.put_parameter(Name=f"/serverless-openclaw/{name}", Value="x", Type="String")
    assert SsmSecrets(lambda: ssm, "prod").providers() == {"anthropic", "openai"}
    assert SsmSecrets(lambda: ssm, "dev").providers() == {"google"}
