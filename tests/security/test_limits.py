"""Nobody spends without limit: each kind of request has its share, is told when to come again, and takes nobody's."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.telegram import SECRET
from chalicelib.store import Put, Table
from chalicelib.tables.halts import DEPLOYMENT, halt_key
from tests.app.cloud import Cloud
from tests.app.conftest import client, fresh_cloud

TALK = "11111111-1111-4111-8111-111111111111"
LIMITS = "messages=2,starts=1,conversations=1,bytes=1000,turns=9,tickets=3"
UPLOAD = {"name": "a.txt", "mimeType": "text/plain"}


@pytest.fixture
def tight(moto: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv("LIMITS", LIMITS)
    with fresh_cloud("tight") as cloud:
        yield cloud


def ask(cloud: Cloud, method: str, path: str, user: str = "ada", **fields: Any) -> tuple[int, dict[str, str], Any]:
    answer = cloud.app(cloud._request(method, path, json.dumps(fields), user), None)
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return answer["statusCode"], headers, json.loads(answer["body"])


def test_tickets_have_an_end_for_one_user_and_for_no_other(tight: Cloud) -> None:
    asked = [ask(tight, "POST", "/tickets") for _ in range(5)]
    assert [status for status, _, _ in asked] == [200, 200, 200, 429, 429]
    _, headers, fields = asked[-1]
    assert (fields["code"], headers["retry-after"]) == ("rate_limited", str(fields["retryAfter"]))
    assert 0 < fields["retryAfter"] <= 60
    assert ask(tight, "POST", "/tickets", "bob")[0] == 200


@pytest.mark.parametrize(("sizes", "statuses"), [((600, 401), [200, 429]), ((1001,), [429]), ((400, 600), [200, 200])])
def test_a_days_files_have_an_end(tight: Cloud, sizes: tuple[int, ...], statuses: list[int]) -> None:
    user = str(uuid.uuid4())
    asked = [ask(tight, "POST", "/uploads", user, **UPLOAD, bytes=size) for size in sizes]
    assert [status for status, _, _ in asked] == statuses


def test_a_socket_that_sends_without_end_is_refused_with_the_time(tight: Cloud) -> None:
    tight.enter("laptop")
    for _ in range(4):
        tight.send("laptop", type="send", id=str(uuid.uuid4()), conversationId=TALK, text="hi")
    frames = tight.pushed("laptop")
    errors = [frame for frame in frames if frame["type"] == "error"]
    assert sum(frame["type"] == "ack" for frame in frames) == 2
    assert [error["code"] for error in errors] == ["rate_limited"] * 2
    assert all(error["retryable"] and 0 < error["retryAfter"] <= 60 and error["id"] for error in errors)


def test_three_hundred_conversations_are_not_made_in_a_day(tight: Cloud) -> None:
    tight.enter("laptop")
    for _ in range(2):
        tight.send("laptop", type="send", id=str(uuid.uuid4()), conversationId=str(uuid.uuid4()), text="hi")
    assert [frame["type"] for frame in tight.pushed("laptop")].count("ack") == 1
    listed = ask(tight, "GET", "/conversations")[2]["conversations"]
    assert len(listed) == 1


def test_what_was_refused_has_left_nothing_behind(tight: Cloud) -> None:
    tight.enter("laptop")
    for _ in range(4):
        tight.send("laptop", type="send", id=str(uuid.uuid4()), conversationId=TALK, text="hi")
    store = tight.services.outside.store
    rows = store.query(Table.PENDING_MESSAGES, "ada")
    assert len([row for row in rows if row["sk"].startswith("in#")]) == 2
    assert len([row for row in rows if row["sk"].startswith("id#")]) == 2
    used = store.query(Table.USAGE, "ada", start="limit#", end="limit#~")
    assert used
    assert all(row["expiresAt"] > 0 for row in used)


def test_telegrams_webhook_gives_back_what_is_too_much(tight: Cloud) -> None:
    client("ssm").put_parameter(
        Name=f"/serverless-openclaw/tight/secrets/{SECRET}", Value="right", Type="SecureString", Overwrite=True
    )
    store, chat = tight.services.outside.store, {"userId": "external#telegram#7", "sk": "owner"}
    store.write(Put(Table.SETTINGS, {**chat, "owner": "ada", "conversationId": TALK}))
    answers = [_update(tight, number) for number in range(4)]
    assert [each["statusCode"] for each in answers] == [200, 200, 429, 429]
    assert int(answers[-1]["headers"]["Retry-After"]) > 0
    assert _update(tight, 0)["statusCode"] == 200, "what was taken may come again"


def test_who_is_not_believed_uses_up_nobodys_share(tight: Cloud) -> None:
    event = tight._request("POST", "/tickets", None, "ada")
    event["requestContext"]["authorizer"]["claims"]["token_use"] = "access"
    for _ in range(9):
        assert tight.app(event, None)["statusCode"] == 403
    assert ask(tight, "POST", "/tickets")[0] == 200


def test_a_users_switch_is_his_own_and_the_deployments_is_nobodys(tight: Cloud) -> None:
    assert ask(tight, "PUT", "/agent/halt", "ada", halted=True)[2]["noteCode"] == "halted"
    assert "noteCode" not in ask(tight, "GET", "/status", "bob")[2]
    tight.services.outside.store.write(Put(Table.SETTINGS, halt_key(DEPLOYMENT)))
    for user in ("ada", "bob"):
        assert ask(tight, "PUT", "/agent/halt", user, halted=False)[2]["noteCode"] == "halted_all"
        assert ask(tight, "POST", "/agent/start", user)[0] == 503


@pytest.mark.parametrize("value", ["true", 1, None, [], {"x": 1}])
def test_a_switch_is_on_or_off(tight: Cloud, value: Any) -> None:
    assert ask(tight, "PUT", "/agent/halt", halted=value)[0] == 400


def _update(cloud: Cloud, number: int) -> Any:
    person = {"id": 7, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    message = {"message_id": number + 1, "date": 1, "chat": {"id": 7, "type": "private"}, "from": person, "text": "hi"}
    event = cloud._request("POST", "/telegram", json.dumps({"update_id": number + 1, "message": message}), "")
    event["headers"]["X-Telegram-Bot-Api-Secret-Token"] = "right"
    return cloud.app(event, None)
