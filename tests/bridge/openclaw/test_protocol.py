import json
from typing import Any

import pytest

from chalicelib.domain.kept import ToolLedger
from chalicelib.domain.turn import Attachment, Tool
from container.bridge.openclaw.approvals import MOST_COMMAND, GatewayApproval, build_decision, read_answer, read_asked
from container.bridge.openclaw.protocol import (
    Challenge,
    Json,
    Refusal,
    Response,
    RunAsked,
    RunEnded,
    RunEvent,
    RunFailed,
    RunText,
    RunTool,
    Unrelated,
    build_connect,
    build_request,
    build_send,
    read_frame,
    session_key,
)
from tests.bridge.openclaw.frames import read_events


def test_a_session_key_is_lower_case_as_openclaw_keeps_it() -> None:
    assert session_key("0A-B") == "agent:main:0a-b"


def test_connect_asks_for_version_4_and_for_tool_events() -> None:
    frame = json.loads(build_request("1", "connect", build_connect("secret")))
    assert frame["method"] == "connect"
    assert frame["params"]["auth"] == {"token": "secret"}
    assert (frame["params"]["minProtocol"], frame["params"]["maxProtocol"]) == (4, 4)
    assert frame["params"]["caps"] == ["tool-events", "approvals", "exec-approvals", "plugin-approvals"]
    assert "operator.approvals" in frame["params"]["scopes"]


def test_no_text_is_ever_a_command() -> None:
    assert build_send("agent:main:c", "m", "/stop")["suppressCommandInterpretation"] is True


def test_a_message_without_attachments_has_no_such_field() -> None:
    assert "attachments" not in build_send("agent:main:c", "m", "hello")


def test_attachments_travel_as_base64_with_their_kind() -> None:
    picture, letter = Attachment("image/png", "a.png", b"\x89"), Attachment("text/plain", "a.txt", b"hi")
    sent = build_send("agent:main:c", "m", "see", [picture, letter])["attachments"]
    assert sent[0] == {"type": "image", "mimeType": "image/png", "fileName": "a.png", "content": "iQ=="}
    assert sent[1] == {"type": "file", "mimeType": "text/plain", "fileName": "a.txt", "content": "aGk="}


def test_the_challenge_is_recognised() -> None:
    frame = '{"type":"event","event":"connect.challenge","payload":{"nonce":"n","ts":1}}'
    assert read_frame(frame) == Challenge()


def test_a_response_carries_its_payload() -> None:
    assert read_frame(b'{"type":"res","id":"7","ok":true,"payload":{"a":1}}') == Response("7", {"a": 1}, None)


def test_unavailable_means_try_again_after_the_time_it_names() -> None:
    frame = '{"type":"res","id":"7","ok":false,"error":{"code":"UNAVAILABLE","message":"starting","retryAfterMs":250}}'
    assert read_frame(frame) == Response("7", {}, Refusal("UNAVAILABLE", "starting", 0.25))


def test_an_invalid_request_is_not_worth_another_try() -> None:
    frame = '{"type":"res","id":"7","ok":false,"error":{"code":"INVALID_REQUEST","message":"no"}}'
    assert read_frame(frame) == Response("7", {}, Refusal("INVALID_REQUEST", "no", None))


@pytest.mark.parametrize("frame", ["[]", "{}", '{"type":"event","event":"tick","payload":{}}', '{"event":"chat"}'])
def test_what_we_do_not_know_is_no_error(frame: str) -> None:
    assert read_frame(frame) == Unrelated()


def test_what_is_not_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        read_frame("nonsense")


def test_every_delta_brings_the_whole_text_so_far() -> None:
    texts = [event.text for event in read_events("answer") if isinstance(event, RunText)]
    assert texts == ["users=1", "users=1 w0", "users=1 w0 w1", "users=1 w0 w1 w2", "users=1 w0 w1 w2 w3."]


def test_a_final_ends_the_run_with_its_text() -> None:
    ends = [event for event in read_events("answer") if isinstance(event, RunEnded)]
    assert ends == [RunEnded("message-answer", "agent:main:answer", "users=1 w0 w1 w2 w3.", aborted=False)]


def test_an_abort_ends_the_run_with_what_there_is() -> None:
    ends = [event for event in read_events("aborted") if isinstance(event, RunEnded)]
    assert ends[0].aborted
    assert (ends[0].text or "").startswith("users=1 w0")


def test_a_provider_error_comes_as_two_frames() -> None:
    failures = [event.message for event in read_events("refused-key") if isinstance(event, RunFailed)]
    assert len(failures) == 2
    assert "HTTP 401" in failures[0]


def test_a_tool_call_has_a_start_and_an_end_and_no_updates() -> None:
    tools = [event.tool for event in read_events("tool") if isinstance(event, RunTool)]
    assert tools == [
        Tool("exec", "start", "echo hello", '{\n  "command": "echo hello"\n}', "toolu_1795165603176224"),
        Tool("exec", "end", "print text", "hello", "toolu_1795165603176224"),
    ]


def test_every_other_event_of_a_run_still_says_that_it_lives() -> None:
    kinds = [type(event) for event in read_events("tool")]
    assert kinds.count(RunEvent) > 5


@pytest.mark.parametrize(
    ("told", "text"), [("Hi \ud83c", "Hi "), ("Hi \U0001f389", "Hi \U0001f389"), ("a \udf89 b", "a \ufffd b"), ("", "")]
)
def test_half_a_character_waits_for_its_other_half(told: str, text: str) -> None:
    message = {"content": [{"type": "text", "text": told}]}
    event = read_frame(json.dumps({"event": "chat", "payload": {"state": "final", "runId": "m", "message": message}}))
    assert isinstance(event, RunEnded) and event.text == text


def test_half_a_character_in_what_a_tool_says_keeps_no_answer_from_being_written() -> None:
    data = {"phase": "result", "name": "exec", "toolCallId": "c", "result": {"content": [{"text": "Done \ud83c"}]}}
    event = read_frame(json.dumps({"event": "agent", "payload": {"stream": "tool", "runId": "m", "data": data}}))
    assert isinstance(event, RunTool)
    ledger = ToolLedger()
    ledger.note(event.tool)
    assert [tool.detail for tool in ledger.keep()] == ["Done "]


def asked_to(**request: Any) -> GatewayApproval:
    asked = read_asked("exec", {"id": "a", "request": {"runId": "r", "sessionKey": "agent:main:C", **request}})
    assert asked
    return asked


@pytest.mark.parametrize("command", ["x" * 3001, "😀" * 1501])
def test_what_cannot_be_shown_whole_says_so(command: str) -> None:
    asked = asked_to(command=command)
    assert not asked.whole
    assert asked.approval.command == f"{command[: MOST_COMMAND // 2]}…"
    assert asked_to(command=command[:-1]).whole


def test_what_else_would_run_with_a_command_stands_under_it() -> None:
    asked = asked_to(command="make", envKeys=["LD_PRELOAD", "PATH"], warningText="It reads a file.")
    assert asked.approval.command == "make\n# It reads a file.\n# environment: LD_PRELOAD, PATH"
    assert asked.session == "agent:main:c"


@pytest.mark.parametrize(
    ("session", "job"), [("agent:main:0a", False), ("agent:main:cron:1", True), ("agent:main:subagent:0a", True)]
)
def test_a_job_of_the_agents_own_is_known_by_its_session(session: str, job: bool) -> None:
    assert asked_to(command="ls", sessionKey=session).of_a_job is job


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"applied": True, "approval": {"decision": "allow-once"}}, "allowed"),
        ({"applied": False, "approval": {"decision": "deny"}}, "denied"),
        ({"applied": False, "approval": {"status": "expired"}}, "expired"),
        ({}, "expired"),
    ],
)
def test_what_openclaw_says_to_a_decision_counts(answer: Json, state: str) -> None:
    assert read_answer(asked_to(command="ls"), answer).approval.state == state


def test_an_approval_that_nobody_decided_in_time_has_expired() -> None:
    payload = {"id": "a", "decision": None, "request": {"command": "ls", "runId": "r", "sessionKey": "s"}}
    (frame,) = [read_frame(json.dumps({"type": "event", "event": "exec.approval.resolved", "payload": payload}))]
    assert isinstance(frame, RunAsked)
    assert frame.asked.approval.state == "expired"


def test_a_plugin_asks_in_its_own_words() -> None:
    request = {"title": "Send mail", "description": "To Bob", "runId": "r", "sessionKey": "s"}
    frame = read_frame(
        json.dumps({"type": "event", "event": "plugin.approval.requested", "payload": {"id": "p", "request": request}})
    )
    assert isinstance(frame, RunAsked)
    assert (frame.asked.kind, frame.asked.approval.command) == ("plugin", "Send mail\nTo Bob")
    assert build_decision(frame.asked, "deny") == {"id": "p", "kind": "plugin", "decision": "deny"}
