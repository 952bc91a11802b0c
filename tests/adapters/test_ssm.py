"""Which providers have a key, by the names of parameters alone; and the secrets that we use ourselves."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
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


@mock_aws
def test_a_secret_is_read_decrypted_and_believed_for_some_minutes() -> None:
    ssm, now = boto3.client("ssm", region_name="eu-central-1"), [0.0]
    secrets = SsmSecrets(lambda: ssm, "prod", lambda: now[0])
    name = "/serverless-openclaw/prod/secrets/telegram-bot-token"

    assert secrets.read("telegram-bot-token") is None
    ssm.put_parameter(Name=name, Value="one", Type="SecureString")
    assert secrets.read("telegram-bot-token") is None
    now[0] += 20
    assert secrets.read("telegram-bot-token") == "one"
    ssm.put_parameter(Name=name, Value="two", Type="SecureString", Overwrite=True)
    assert secrets.read("telegram-bot-token") == "one"
    now[0] += 300
    assert secrets.read("telegram-bot-token") == "two"
    assert "two" not in repr(secrets)


def test_a_secret_that_may_not_be_read_is_an_error_not_an_absence() -> None:
    class Forbidding:
        def get_parameter(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetParameter")

    forbidding: Any = Forbidding()
    with pytest.raises(ClientError):
        SsmSecrets(lambda: forbidding, "prod").read("telegram-bot-token")
