"""Policies are read as IAM reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.aws.policy import Call, Policy

ADA = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ada", "user#ada"]}}


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.of(json.dumps({"Version": "2012-10-17", "Statement": statements}))


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def call(action: str, resource: str = "arn:aws:s3:::data/users/ada/1", **context: str) -> Call:
    return Call(action, resource, {name.replace("__", ":"): (value,) for name, value in context.items()})


def test_what_no_statement_allows_is_denied() -> None:
    assert not policy().allows(call("s3:GetObject"))
    assert not policy(allow("s3:PutObject")).allows(call("s3:GetObject"))


def test_a_deny_wins_wherever_it_stands() -> None:
    deny = {**allow("s3:*"), "Effect": "Deny"}
    assert not policy(deny, allow("s3:GetObject")).allows(call("s3:GetObject"))
    assert not policy(allow("s3:GetObject"), deny).allows(call("s3:GetObject"))


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("arn:aws:s3:::data/users/ada/*", True),
        ("arn:aws:s3:::data/users/ada/?", True),
        ("arn:aws:s3:::data/users/*", True),
        ("arn:aws:s3:::data/users/ada", False),
        ("arn:aws:s3:::data/users/bob/*", False),
        ("arn:aws:s3:::data/users/ada/[1]", False),
    ],
)
def test_a_star_is_any_text_and_all_else_stands_for_itself(pattern: str, allowed: bool) -> None:
    assert policy(allow("s3:GetObject", pattern)).allows(call("s3:GetObject")) is allowed


def test_the_letters_of_an_action_may_be_small() -> None:
    assert policy(allow(["s3:Put*", "S3:getobject"])).allows(call("s3:GetObject"))


def test_each_leading_key_must_be_one_that_is_named() -> None:
    rows = policy(allow("dynamodb:GetItem", Condition=ADA))
    assert rows.allows(call("dynamodb:GetItem", dynamodb__LeadingKeys="user#ada"))
    assert not rows.allows(call("dynamodb:GetItem", dynamodb__LeadingKeys="bob"))
    both = Call("dynamodb:GetItem", "*", {"dynamodb:LeadingKeys": ("ada", "bob")})
    assert not rows.allows(both)


def test_for_all_values_holds_where_there_is_none_and_a_plain_operator_does_not() -> None:
    """As in IAM: a scan brings no leading key along, so that nothing but its missing action stops it."""
    assert policy(allow("dynamodb:Scan", Condition=ADA)).allows(call("dynamodb:Scan"))
    plain = {"StringLike": {"s3:prefix": "users/ada/*"}}
    assert not policy(allow("s3:ListBucket", Condition=plain)).allows(call("s3:ListBucket"))
    optional = {"StringLikeIfExists": {"s3:prefix": "users/ada/*"}}
    assert policy(allow("s3:ListBucket", Condition=optional)).allows(call("s3:ListBucket"))
    assert not policy(allow("s3:ListBucket", Condition=optional)).allows(call("s3:ListBucket", s3__prefix="users/bob/"))


@pytest.mark.parametrize(
    "odd", [{"NotAction": "s3:*"}, {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, {"Principal": "*"}]
)
def test_what_is_not_understood_allows_nothing_in_silence(odd: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError):
        policy({**allow("s3:GetObject"), **odd}).allows(call("s3:GetObject"))
