"""The embedded AWS asks who may do what: a bridge's session does what its policy allows, and is told no as AWS does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.sts import StsIssuer
from chalicelib.domain.credentials import SessionCredentials
from local.names import BRIDGE_ROLE_ARN, BUCKET, SECRETS, STAGE, TABLE_PREFIX
from tests.local.conftest import EmbeddedAws

ROWS = f"{TABLE_PREFIX}Settings"
BOTO = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
SOCKETS = f"{TABLE_PREFIX}Connections"


class Session:
    """A bridge of ada's."""

    def __init__(self, aws: EmbeddedAws) -> None:
        issuer = StsIssuer(lambda: aws.client("sts"), BRIDGE_ROLE_ARN, TABLE_PREFIX, BUCKET, STAGE)
        self.issued = issuer.issue("ada", 1)
        self._aws = aws

    def client(self, service: str) -> Any:
        return self._aws.client(service, **as_boto_takes(self.issued))


def as_boto_takes(issued: SessionCredentials) -> dict[str, str]:
    keys = issued.access_key_id, issued.secret_access_key, issued.session_token
    return dict(zip(BOTO, keys, strict=True))


@pytest.fixture(scope="module")
def session(aws: EmbeddedAws) -> Session:
    ssm, s3 = aws.client("ssm"), aws.client("s3")
    for name in ("telegram-bot-token", "telegram-webhook-secret", "openai-api-key"):
        ssm.put_parameter(Name=SECRETS + name, Value="value", Type="SecureString", Overwrite=True)
    for user in ("ada", "bob"):
        s3.put_object(Bucket=BUCKET, Key=f"users/{user}/note", Body=b"hello")
    return Session(aws)


def key(user: str) -> dict[str, Any]:
    return {"userId": {"S": user}, "sk": {"S": "settings"}}


def put(user: str) -> dict[str, Any]:
    return {"Put": {"TableName": ROWS, "Item": key(user)}}


def query(dynamodb: Any, user: str) -> Any:
    values = {":user": {"S": user}, ":start": {"S": " "}, ":end": {"S": "x"}}
    told = "userId = :user AND sk BETWEEN :start AND :end"
    return dynamodb.query(TableName=ROWS, KeyConditionExpression=told, ExpressionAttributeValues=values)


Ask = Callable[[Session], Any]
ALLOWED: dict[str, Ask] = {
    "its own row": lambda one: one.client("dynamodb").get_item(TableName=ROWS, Key=key("ada")),
    "its own rows": lambda one: query(one.client("dynamodb"), "ada"),
    "writes of its own": lambda one: one.client("dynamodb").transact_write_items(TransactItems=[put("ada")]),
    "a chat's link": lambda one: one.client("dynamodb").get_item(TableName=ROWS, Key=key("external#telegram#7")),
    "its own object": lambda one: one.client("s3").get_object(Bucket=BUCKET, Key="users/ada/note"),
    "its own listing": lambda one: one.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="users/ada/x"),
    "a new object": lambda one: one.client("s3").put_object(Bucket=BUCKET, Key="users/ada/new", Body=b"x"),
    "the bot's token": lambda one: one.client("ssm").get_parameter(
        Name=f"{SECRETS}telegram-bot-token", WithDecryption=True
    ),
    "a model's key": lambda one: one.client("ssm").get_parameter(Name=f"{SECRETS}openai-api-key", WithDecryption=True),
}
DENIED: dict[str, Ask] = {
    "another's row": lambda one: one.client("dynamodb").get_item(TableName=ROWS, Key=key("bob")),
    "another's rows": lambda one: query(one.client("dynamodb"), "bob"),
    "a write of another's": lambda one: one.client("dynamodb").put_item(TableName=ROWS, Item=key("bob")),
    "a transaction with one row of another's": lambda one: one.client("dynamodb").transact_write_items(
        TransactItems=[put("ada"), put("bob")]
    ),
    "all rows": lambda one: one.client("dynamodb").scan(TableName=ROWS),
    "a socket's row": lambda one: one.client("dynamodb").get_item(
        TableName=SOCKETS, Key={"connectionId": {"S": "somebody's"}}
    ),
    "all tables": lambda one: one.client("dynamodb").list_tables(),
    "another's object": lambda one: one.client("s3").get_object(Bucket=BUCKET, Key="users/bob/note"),
    "a copy of another's object": lambda one: one.client("s3").copy_object(
        Bucket=BUCKET, Key="users/ada/copy", CopySource={"Bucket": BUCKET, "Key": "users/bob/note"}
    ),
    "another's objects at once": lambda one: one.client("s3").delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": "users/ada/note"}, {"Key": "users/bob/note"}]}
    ),
    "another's listing": lambda one: one.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="users/bob/"),
    "all buckets": lambda one: one.client("s3").list_buckets(),
    "the webhook's secret": lambda one: one.client("ssm").get_parameter(
        Name=f"{SECRETS}telegram-webhook-secret", WithDecryption=True
    ),
    "a new secret": lambda one: one.client("ssm").put_parameter(
        Name=f"{SECRETS}openai-api-key", Value="x", Type="SecureString", Overwrite=True
    ),
    "the tasks": lambda one: one.client("ecs").list_tasks(),
    "another role": lambda one: one.client("sts").assume_role(RoleArn=BRIDGE_ROLE_ARN, RoleSessionName="another"),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_a_bridge_may(session: Session, what: str) -> None:
    ALLOWED[what](session)


@pytest.mark.parametrize("what", DENIED)
def test_a_bridge_may_not(session: Session, what: str) -> None:
    with pytest.raises(ClientError) as refused:
        DENIED[what](session)
    assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    assert "not authorized to perform" in str(refused.value)


def test_what_is_not_there_is_told_to_whoever_may_list(session: Session) -> None:
    with pytest.raises(ClientError) as refused:
        session.client("s3").get_object(Bucket=BUCKET, Key="users/ada/nothing")
    assert refused.value.response["Error"]["Code"] == "NoSuchKey"


def test_what_is_not_there_is_forbidden_to_whoever_may_not_list(aws: EmbeddedAws) -> None:
    policy = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    issued = aws.client("sts").assume_role(
        RoleArn=BRIDGE_ROLE_ARN, RoleSessionName="blind", Policy=json.dumps({"Statement": [policy]})
    )["Credentials"]
    keys = issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"]
    s3 = aws.client("s3", **dict(zip(BOTO, keys, strict=True)))
    assert s3.get_object(Bucket=BUCKET, Key="users/ada/note")["Body"].read() == b"hello"
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=BUCKET, Key="users/ada/nothing")
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_an_invented_session_and_a_borrowed_key_are_nobody(aws: EmbeddedAws, session: Session) -> None:
    own = as_boto_takes(session.issued)
    claim, _, signature = own["aws_session_token"].rpartition(".")
    other = ("1" if signature[0] == "0" else "0") + signature[1:]
    for wrong in (
        {"aws_access_key_id": "ASIA0000000000000000"},
        {"aws_session_token": f"{claim}.{other}"},
        {"aws_session_token": f"{claim}A.{signature}"},
    ):
        client = aws.client("dynamodb", **{**own, **wrong})
        with pytest.raises(ClientError):
            client.get_item(TableName=ROWS, Key=key("ada"))


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    running = EmbeddedAws(Path(tmp_path_factory.mktemp("hasty")), SESSION_SECONDS="1")
    yield running
    running.end()


def test_a_session_that_has_ended_is_told_so(hasty: EmbeddedAws) -> None:
    ended = Session(hasty)
    left = (ended.issued.expires_at - datetime.now(UTC)).total_seconds()
    assert left < 1
    time.sleep(max(0.0, left) + 0.1)
    with pytest.raises(ClientError) as rows:
        ended.client("dynamodb").get_item(TableName=ROWS, Key=key("ada"))
    with pytest.raises(ClientError) as objects:
        ended.client("s3").get_object(Bucket=BUCKET, Key="users/ada/note")
    codes = [error.value.response["Error"]["Code"] for error in (rows, objects)]
    assert codes == ["ExpiredTokenException", "ExpiredToken"]
