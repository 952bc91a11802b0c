from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.conversation import media_key
from chalicelib.domain.credentials import (
    Realm,
    SessionCredentials,
    decode_credentials,
    encode_credentials,
    session_policy,
)
from chalicelib.errors import NotAllowed

USER = "c0ffee00-1111-4222-8333-444455556666"
REALM = Realm(
    "aws", "serverless-openclaw-prod-", "a-bucket-with-a-rather-long-name-made-by-cloudformation-1234567", "prod"
)
LONGEST = 2048  # characters that IAM takes


def statements() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(session_policy(USER, REALM))["Statement"]
    return found


def test_a_policy_is_short_enough_for_iam() -> None:
    assert len(session_policy(USER, REALM)) <= LONGEST


def test_every_statement_names_the_user_or_one_small_thing() -> None:
    small = ("Connections", "Settings", "@connections/*", "telegram-bot-token", "-api-key", "key/*")
    for each in statements():
        resources = each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]]
        assert USER in json.dumps(each) or all(resource.endswith(small) for resource in resources), each


def test_writes_to_rows_are_the_users_own() -> None:
    rows = [each for each in statements() if "dynamodb:PutItem" in each["Action"]]
    (only,) = rows
    assert only["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [USER, f"user#{USER}"]}}


def test_the_files_of_answers_are_the_users_own() -> None:
    (objects,) = [each for each in statements() if "s3:PutObject" in each["Action"]]
    prefix = objects["Resource"].removesuffix("*")
    assert prefix.endswith(f":::{REALM.bucket}/users/{USER}/")
    assert f":::{REALM.bucket}/{media_key(USER, 'm1')}".startswith(prefix.partition("s3")[2])


def test_no_table_can_be_scanned_and_no_index_read() -> None:
    assert "dynamodb:Scan" not in session_policy(USER, REALM)
    assert "index" not in session_policy(USER, REALM)


@pytest.mark.parametrize("odd", ["*", "a*", "a?", "${aws:userid}", "a/b", "", "../x", "a" * 129])
def test_a_user_id_that_a_policy_would_read_as_a_pattern_gets_nothing(odd: str) -> None:
    with pytest.raises(NotAllowed):
        session_policy(odd, REALM)


def test_a_loan_survives_the_wire() -> None:
    issued = SessionCredentials("id", "secret", "token", datetime(2026, 1, 1, tzinfo=UTC))
    assert decode_credentials(encode_credentials(issued, "203.0.113.7")) == (issued, "203.0.113.7")
