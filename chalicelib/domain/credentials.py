"""The credentials a bridge gets for an hour: the rows and objects of its user, and no others.

The task itself has none, so that there is nothing an agent could find. The bridge asks for them with its start's key
and goes on asking while it runs; the answer also says from which address it asked, which a task cannot know by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.times import from_text, to_text
from chalicelib.errors import NotAllowed

PATH = "/bridge/credentials"
LIFE = timedelta(hours=1)  # the most for a role that is assumed by a role
PLAIN = re.compile(r"[A-Za-z0-9_-]{1,128}")  # nothing that a policy would read as a pattern
ROWS = ("ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")


@dataclass(frozen=True)
class SessionCredentials:
    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at: datetime


@dataclass(frozen=True)
class Realm:
    """What the bridges' role reaches at most; names as in its own policy."""

    partition: str
    table_prefix: str
    bucket: str
    stage: str


def session_policy(user_id: str, realm: Realm) -> str:
    """Cuts the role down to one user. IAM takes 2,048 characters at most. Raises NotAllowed for an odd user id."""
    if not PLAIN.fullmatch(user_id):
        raise NotAllowed("a user id of letters, digits and hyphens is wanted")
    arn = f"arn:{realm.partition}"
    tables, bucket = f"{arn}:dynamodb:*:*:table/{realm.table_prefix}", f"{arn}:s3:::{realm.bucket}"
    secrets = f"{arn}:ssm:*:*:parameter/serverless-openclaw/{realm.stage}/secrets"
    read = [f"{secrets}/telegram-bot-token", f"{secrets}/*-api-key"]  # the latter for the relay of model calls
    statements = (
        _allow([f"dynamodb:{verb}" for verb in ROWS], f"{tables}*", keys("StringEquals", user_id, f"user#{user_id}")),
        # a socket's row has a random key, which no policy can tie to a user: a gone one is only taken away
        _allow("dynamodb:DeleteItem", f"{tables}Connections"),
        # whose chat it is that an answer goes to
        _allow("dynamodb:GetItem", f"{tables}Settings", keys("StringLike", "external#*")),
        _allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], f"{bucket}/users/{user_id}/*"),
        # a read that names no prefix passes: else S3 answers "forbidden" for what is not there, and nobody is new
        _allow("s3:ListBucket", bucket, {"StringLikeIfExists": {"s3:prefix": f"users/{user_id}/*"}}),
        _allow("execute-api:ManageConnections", f"{arn}:execute-api:*:*:*/*/*/@connections/*"),
        _allow("ssm:GetParameter", read),
        _allow("kms:Decrypt", f"{arn}:kms:*:*:key/*", {"StringLike": {"kms:EncryptionContext:PARAMETER_ARN": read}}),
    )
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def keys(comparison: str, *allowed: str) -> dict[str, Any]:
    return {f"ForAllValues:{comparison}": {"dynamodb:LeadingKeys": list(allowed)}}


def _allow(
    action: str | list[str], resource: str | list[str], condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def encode_credentials(issued: SessionCredentials, address: str) -> dict[str, str]:
    return {
        "accessKeyId": issued.access_key_id,
        "secretAccessKey": issued.secret_access_key,
        "sessionToken": issued.session_token,
        "expiresAt": to_text(issued.expires_at),
        "address": address,
    }


def decode_credentials(fields: Mapping[str, str]) -> tuple[SessionCredentials, str]:
    """The issued, and the address that the bridge has for others."""
    issued = SessionCredentials(
        fields["accessKeyId"], fields["secretAccessKey"], fields["sessionToken"], from_text(fields["expiresAt"])
    )
    return issued, fields["address"]
