"""Lending a role, against moto and against an STS that says no."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.adapters.sts import StsIssuer
from chalicelib.errors import AgentUnavailable
from infra.steps.verify import PACKED

ROLE = "arn:aws:iam::123456789012:role/bridge"


class Sts:
    def __init__(self, refuses: bool = False) -> None:
        self.refuses, self.asked = refuses, list[dict[str, Any]]()

    def assume_role(self, **asked: Any) -> Any:
        self.asked.append(asked)
        if self.refuses:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        kept = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c", "Expiration": moment}
        return {"Credentials": kept}


def issuer(connect: Any, role: str = ROLE) -> StsIssuer:
    return StsIssuer(connect, role, "serverless-openclaw-dev-", "bucket", "dev")


@mock_aws
def test_sts_lends_for_an_hour() -> None:
    issued = issuer(lambda: boto3.client("sts", region_name="us-east-1")).issue("ada", 3)
    assert issued.session_token
    assert 3500 < (issued.expires_at - datetime.now(UTC)).total_seconds() <= 3600


def test_each_loan_is_cut_down_to_its_user_and_named_after_the_start() -> None:
    sts = Sts()
    issuer(lambda: sts).issue("ada", 3)
    (asked,) = sts.asked
    assert asked["RoleSessionName"] == "ada@3"
    assert "users/ada/*" in json.loads(asked["Policy"])["Statement"][3]["Resource"]


def test_a_no_of_sts_is_told_as_unavailable() -> None:
    with pytest.raises(AgentUnavailable, match="AccessDenied"):
        issuer(lambda: Sts(refuses=True)).issue("ada", 3)


def test_without_a_role_there_is_nothing_to_lend() -> None:
    with pytest.raises(AgentUnavailable, match="BRIDGE_ROLE_ARN"):
        issuer(Sts, role="").issue("ada", 3)


def test_how_full_the_session_policy_is_goes_to_the_log_where_the_launch_check_reads_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    with mock_aws():
        issuer(lambda: boto3.client("sts", region_name="us-east-1")).issue("ada", 3)
    assert [int(found[1]) for line in caplog.messages if (found := PACKED.search(line))] == [6]
