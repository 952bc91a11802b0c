"""Every route through app.py: whose data, which status, which words."""

from __future__ import annotations

import pytest

from chalicelib.errors import ChatGone, ConditionFailed, ConfigError, Fenced, NoCapacity, ServiceError
from chalicelib.tables.answers import Answers
from chalicelib.wiring import now
from tests.app.cloud import USER, Cloud
from tests.app.conftest import load
from tests.docs.reference import golden
from tests.fakes.values import OTHER_TURN, TALK, TURN
from tests.tables.scenes import ended


def answered(cloud: Cloud) -> None:
    """One question of the user is answered."""
    cloud.enter("laptop")
    cloud.send("laptop", type="send", id=TURN, conversationId=TALK, text="Hello")
    services, moment = cloud.services, now()
    epoch = services.rows.agents.get(USER).epoch
    assert services.rows.agents.ready(USER, epoch, moment)
    (message,) = services.rows.inbox.pending(USER)
    mine = services.rows.inbox.claim(message, epoch, moment)
    assert mine
    delivery = Answers(services.outside.store).commit(mine, epoch, ended(mine, now=moment), moment)
    assert delivery
    assert Answers(services.outside.store).delivered(delivery)


def test_a_new_user_has_an_idle_agent_and_nothing_else(untouched: Cloud) -> None:
    cloud = untouched
    status = cloud.call("GET", "/status")
    assert (status.status, status.fields["status"], status.fields["pending"]) == (200, "idle", 0)
    assert cloud.call("GET", "/conversations").fields == {"conversations": []}
    assert cloud.call("GET", "/settings").fields == {
        "model": None,
        "idleMinutes": 15,
        "language": None,
        "mirrorToTelegram": False,
        "permissionMode": "full",
        "ownWorkHours": 8,
    }
    assert cloud.call("GET", "/models").fields == {
        "models": [{"id": "demo/demo-1", "name": "Demo model", "provider": "demo"}],
        "default": "demo/demo-1",
        "demo": True,
    }


def test_the_agent_can_be_started_and_stopped(cloud: Cloud) -> None:
    assert cloud.call("POST", "/agent/start").fields["status"] == "starting"
    assert cloud.call("GET", "/status").fields["stage"] == "queued"
    assert cloud.call("POST", "/agent/stop").fields["status"] == "stopping"


def test_an_agent_that_works_is_not_stopped(cloud: Cloud) -> None:
    cloud.enter("laptop")
    cloud.send("laptop", type="send", id=TURN, conversationId=TALK, text="Hello")
    busy = cloud.call("POST", "/agent/stop")
    assert (busy.status, busy.fields["code"]) == (409, "agent_busy")


def test_history_can_be_read(cloud: Cloud) -> None:
    answered(cloud)
    (conversation,) = cloud.call("GET", "/conversations").fields["conversations"]
    assert (conversation["id"], conversation["title"], conversation["lastSeq"]) == (TALK, "Hello", 2)
    page = cloud.call("GET", f"/conversations/{TALK}").fields
    assert [(each["seq"], each["text"]) for each in page["messages"]] == [(1, "Hello"), (2, "I am well. 🎉")]
    assert page["before"] is None
    newest = cloud.call("GET", f"/conversations/{TALK}?limit=1").fields
    assert ([each["seq"] for each in newest["messages"]], newest["before"]) == ([2], 2)
    oldest = cloud.call("GET", f"/conversations/{TALK}?before=2&limit=5").fields
    assert [each["seq"] for each in oldest["messages"]] == [1]


def test_a_conversation_can_be_changed_deleted_and_brought_back(cloud: Cloud) -> None:
    answered(cloud)
    changed = cloud.put("PATCH", f"/conversations/{TALK}", title="Weather", pinned=True)
    assert (changed.status, changed.fields["title"], changed.fields["pinned"]) == (200, "Weather", True)
    assert cloud.call("DELETE", f"/conversations/{TALK}").fields == {}
    assert cloud.call("GET", "/conversations").fields == {"conversations": []}
    assert cloud.put("PATCH", f"/conversations/{TALK}", deleted=False).fields["title"] == "Weather"


def test_settings_are_kept(cloud: Cloud) -> None:
    wanted = {"model": "demo/demo-1", "idleMinutes": 30, "language": "ko", "mirrorToTelegram": True}
    wanted |= {"permissionMode": "guarded", "ownWorkHours": 24}
    chosen = cloud.put("PUT", "/settings", **wanted)
    assert chosen.fields == wanted
    assert cloud.call("GET", "/settings").fields == chosen.fields


def test_what_was_said_is_found(cloud: Cloud) -> None:
    answered(cloud)
    hits = cloud.call("GET", "/search?q=WELL").fields["hits"]
    assert [(hit["conversationId"], hit["role"], hit["excerpt"]) for hit in hits if "seq" in hit] == [
        (TALK, "agent", "I am well. 🎉")
    ]


def test_the_authorizer_says_whose_data_it_is(cloud: Cloud) -> None:
    answered(cloud)
    assert cloud.call("GET", "/conversations", user="bob").fields == {"conversations": []}
    assert cloud.call("GET", "/search?q=well", user="bob").fields == {"hits": []}
    for method in ("GET", "DELETE"):
        assert cloud.call(method, f"/conversations/{TALK}", user="bob").status == 404
    assert cloud.call("PATCH", f"/conversations/{TALK}", '{"pinned":true}', user="bob").status == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", f"/conversations/{OTHER_TURN}", None, 404, "not_found"),
        ("GET", "/conversations/seven", None, 400, "invalid_message"),
        ("GET", f"/conversations/{TALK}?before=x", None, 400, "invalid_message"),
        ("GET", "/search", None, 400, "invalid_message"),
        ("GET", f"/search?q={'x' * 201}", None, 400, "invalid_message"),
        ("GET", "/search?q=x&after=yesterday", None, 400, "invalid_message"),
        ("GET", f"/conversations/{TALK}?limit=-1", None, 400, "invalid_message"),
        ("GET", f"/conversations/{TALK}?limit={'9' * 5000}", None, 400, "invalid_message"),
        ("PATCH", f"/conversations/{TALK}", "{", 400, "invalid_message"),
        ("PATCH", f"/conversations/{TALK}", "[1]", 400, "invalid_message"),
        ("PATCH", f"/conversations/{TALK}", "[" * 100_000, 400, "invalid_message"),
        ("PATCH", f"/conversations/{TALK}", None, 400, "invalid_message"),
        ("PATCH", f"/conversations/{OTHER_TURN}", '{"pinned":true}', 404, "not_found"),
        ("DELETE", f"/conversations/{OTHER_TURN}", None, 404, "not_found"),
        ("PUT", "/settings", '{"idleMinutes":0}', 400, "invalid_message"),
        ("PUT", "/settings", '{"mirrorToTelegram":1}', 400, "invalid_message"),
        ("POST", "/links/pigeon", None, 400, "invalid_message"),
        ("POST", "/links/telegram", None, 404, "not_found"),
        ("POST", "/links/telegram-1/confirm", None, 404, "not_found"),
        ("DELETE", "/links/telegram-1", None, 404, "not_found"),
        ("PUT", "/settings", '{"model":"moon/1"}', 400, "invalid_message"),
    ],
)
def test_what_cannot_be_is_refused_with_a_code_and_words(
    untouched: Cloud, method: str, path: str, body: str | None, status: int, code: str
) -> None:
    answer = untouched.call(method, path, body)
    assert (answer.status, answer.fields["code"]) == (status, code)
    assert answer.fields["message"]


def test_what_the_caller_did_wrong_and_what_we_cannot_do_now_have_different_statuses() -> None:
    app = load()
    assert {kind.__name__: status for kind, status in app.STATUS.items()} == {
        "InvalidMessage": 400,
        "NotAllowed": 403,
        "NotFound": 404,
        "AgentBusy": 409,
        "MessageTooLarge": 413,
        "RateLimited": 429,
        "ServiceError": 503,
    }


def test_the_bodies_in_the_reference_are_taken(cloud: Cloud) -> None:
    answered(cloud)
    for place, sent in golden("rest_requests.json").items():
        method, path = place.split(" ")
        assert cloud.put(method, path.replace("{id}", TALK), **sent).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/status", 200), ("GET", "/conversations/none", 400), ("POST", "/bridge/credentials", 403)],
)
def test_no_answer_is_kept_on_its_way(cloud: Cloud, method: str, path: str, status: int) -> None:
    answered = cloud.call(method, path)
    assert (answered.status, answered.headers["Cache-Control"]) == (status, "no-store")


def test_what_chalice_refuses_by_itself_has_our_shape(untouched: Cloud) -> None:
    other = untouched._request("PUT", "/settings", "{}", USER) | {"headers": {"Content-Type": "text/plain"}}
    refused = [untouched.answer(other), untouched.call("DELETE", "/status")]
    assert [each.status for each in refused] == [415, 405]
    for each in refused:
        assert each.fields["code"] == "invalid_message"
        assert each.fields.keys() == {"code", "message"}


def test_a_fault_of_ours_has_our_shape_and_none_of_its_words(
    untouched: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    lost = untouched._request("GET", "/status", None, USER)
    lost["requestContext"] |= {"authorizer": {"claims": None}}
    failed = untouched.answer(lost)
    assert (failed.status, failed.fields) == (
        500,
        {"code": "internal", "message": "An internal server error occurred."},
    )
    assert "GET /status is answered with 500" in caplog.text, "which an alarm counts"


def test_a_kind_of_error_that_has_no_status_of_its_own_answers_as_its_parent_does() -> None:
    """A chat's provider that says no was told as "come again later"."""
    app = load()
    assert app.status_of(ChatGone) == 403
    assert app.status_of(NoCapacity) == 503


def test_what_steers_the_program_is_no_answer_to_a_person() -> None:
    for steering in (ConditionFailed, Fenced, ConfigError):
        assert not issubclass(steering, ServiceError)


def test_every_route_wants_a_signed_in_owner_but_the_two_for_programs() -> None:
    """Telegram and a bridge cannot sign in: one sends the secret that was agreed on, the other signs with its key."""
    routes = load().app.routes
    entries = [entry for methods in routes.values() for entry in methods.values()]
    assert [entry.uri_pattern for entry in entries if entry.authorizer is None] == ["/telegram", "/bridge/credentials"]


def test_a_warm_environment_makes_its_services_once(untouched: Cloud) -> None:
    app = load()
    assert app.services() is app.services()
    assert app.services() is not untouched.services


def test_the_webhook_takes_updates_with_the_right_secret_only(untouched: Cloud) -> None:
    """No authorizer, so no claims; closed while no secret is stored."""
    assert untouched.call("POST", "/telegram", "{}").status == 403
