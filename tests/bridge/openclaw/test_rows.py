"""What the transcript of a turn says. The rows are OpenClaw 2026.9.6's."""

from typing import Any

import pytest

from chalicelib.domain.turn import Handed, Tool
from container.bridge.openclaw.history import RESUMED_BY, Answered, Broken, find_turn, list_calls
from container.bridge.openclaw.rows import list_files, say
from tests.bridge.openclaw.script import SESSION, answered, asked, history, row

RESUMED = row("user", "[System] go on", idempotencyKey="r:user", provenance={"sourceTool": RESUMED_BY})
CALLED = {"type": "toolCall", "id": "c1", "name": "exec", "arguments": {"command": "date"}}
STEP = [
    row("assistant", "Let me see: ", openclawStreamFallback={"source": "segment"}),
    {"role": "assistant", "content": [CALLED], "stopReason": "toolUse"},
    {"role": "toolResult", "toolCallId": "c1", "toolName": "exec", "content": [{"type": "text", "text": "now"}]},
]
NESTED = {
    "role": "custom",
    "content": [
        {"type": "toolCall", "id": "n1", "name": "message", "arguments": {"action": "send", "message": "look"}},
        {"type": "toolResult", "toolCallId": "n1", "toolName": "message", "isError": True, "content": []},
    ],
}
OUTER = {"type": "toolCall", "id": "o1", "name": "tool_call", "arguments": {"id": "message"}}
IMAGE = {"type": "image", "artifactId": "a1", "alt": "out.png", "mimeType": "image/png", "sizeBytes": 97}
TABLE = {"type": "attachment", "attachment": {"artifactId": "a2", "label": "b.csv", "mimeType": "text/csv"}}
REFUSED = {"type": "attachment_error", "attachment": {"code": "unsupported-format", "label": "passwd"}}
MISSING = {"type": "attachment_error", "attachment": {"code": "file-not-found", "label": "no.png"}}


def found(*rows: Any, **session: Any) -> object:
    return find_turn(history(asked(), *rows, **session), "m")


def test_all_words_stand_in_order_with_a_blank_line_between() -> None:
    assert found(*STEP, answered("Done.")) == Answered("Let me see:\n\nDone.", cancelled=False, usage=None)


def test_what_an_attempt_had_finished_stays_when_another_one_goes_on() -> None:
    half = row("assistant", "Half", openclawAbort={"aborted": True}, stopReason="stop")
    assert found(*STEP, half, RESUMED, answered("Done.")) == Answered("Let me see:\n\nDone.", False, None)


def test_an_answer_that_was_complete_when_openclaw_died_is_not_said_twice() -> None:
    whole = row("assistant", "Done.", stopReason="stop")
    assert found(whole, RESUMED, answered("Done.")) == Answered("Done.", False, None)
    assert found(*STEP, whole, RESUMED, answered("Done.")) == Answered("Let me see:\n\nDone.", False, None)
    shown = {"role": "assistant", "content": [IMAGE], "stopReason": "stop"}
    assert len(list_files([asked(), shown, RESUMED, shown])) == 1


def test_words_that_a_later_row_begins_with_are_said_once() -> None:
    half = row("assistant", "w0 w1", openclawAbort={"aborted": True}, stopReason="stop")
    assert found(half, answered("w0 w1 w2.")) == Answered("w0 w1 w2.", False, None)


def test_an_answer_at_the_models_limit_is_known_as_one() -> None:
    assert found(row("assistant", "One two", stopReason="length")) == Answered("One two", False, None, cut_off=True)


def test_what_broke_off_keeps_its_words_apart_from_what_openclaw_says_of_it() -> None:
    told = row("assistant", "⚠️ LLM request failed (timed out).\n\nw0 w1 ", stopReason="error")
    assert found(told) == Broken("⚠️ LLM request failed (timed out).", "w0 w1", spoke=True)
    plain = row("assistant", "w0 w1 ", stopReason="error")
    assert found(plain, lastRunError="It failed.") == Broken("It failed.", "w0 w1", spoke=True)


def test_a_refusal_without_words_is_no_text_of_the_models() -> None:
    words = "The provider refused this request. Revise the request and try again."
    assert found(row("assistant", words, stopReason="error", idempotencyKey="m:terminal-error")) == Broken(words)


def test_words_of_the_models_are_no_words_of_openclaws_where_it_says_nothing_itself() -> None:
    half = row("assistant", "w0 w1 ", stopReason="error", idempotencyKey="m:terminal-error")
    assert found(half, lastRunError="The provider refused it.") == Broken(
        "The provider refused it.", "w0 w1", spoke=True
    )
    assert found(half) == Broken("", "w0 w1", spoke=True)
    assert found(half, lastRunError="HTTP 401", lastRunId="x") == Broken("", "w0 w1", spoke=True)


@pytest.mark.parametrize(
    "words",
    [
        "⚠️ Agent run failed (model: demo/demo-1).",
        "LLM request failed: network connection was interrupted.",
        "LLM request rejected: configured maxTokens is 9, above the provider maximum of 4.",
        "Context overflow: this conversation is too large for the model.",
        "The agent run failed before producing a reply.",
        "[assistant turn failed before producing content]",
    ],
)
def test_words_of_openclaws_are_no_words_of_the_models(words: str) -> None:
    assert found(row("assistant", words, stopReason="error")) == Broken(words)
    assert found(row("assistant", f"{words}\n\nw0", stopReason="error")) == Broken(words, "w0", spoke=True)


def test_a_run_that_failed_without_a_row_is_not_run_again() -> None:
    gone = found(*STEP, status="failed", lastRunId="m", lastRunError="Agent run failed")
    assert gone == Broken("Agent run failed", "Let me see:")


def test_rows_that_others_put_into_the_conversation_are_not_the_answer() -> None:
    injected = row("assistant", "[note] hello", model="gateway-injected", stopReason="stop")
    by_a_job = row("assistant", "Stretch!", openclawAutomation={"kind": "cron"}, stopReason="stop")
    assert found(injected, answered("Done."), by_a_job) == Answered("Done.", False, None)


def test_what_an_abort_left_is_the_answer_though_openclaw_wrote_it() -> None:
    left = row("assistant", "w0 w1", model="gateway-injected", openclawAbort={"aborted": True}, stopReason="stop")
    assert say([asked(), left]) == "w0 w1"


def test_tools_are_told_as_if_they_were_used_now() -> None:
    calls = [event.tool for event in list_calls(history(asked(), *STEP, answered("Done.")), "m", SESSION)]
    assert calls == [
        Tool("exec", "start", "date", '{\n  "command": "date"\n}', "c1"),
        Tool("exec", "end", "", "now", "c1"),
    ]


def test_a_call_inside_another_one_is_told_and_the_other_one_is_not_shown() -> None:
    outer = {"role": "assistant", "content": [OUTER], "stopReason": "toolUse"}
    calls = list_calls(history(asked(), outer, NESTED), "m", SESSION)
    assert [(event.tool.name, event.tool.phase, event.hidden) for event in calls] == [
        ("tool_call", "start", True),
        ("message", "start", False),
        ("message", "error", False),
    ]


def test_files_that_are_handed_over_are_found_and_those_that_were_refused_too() -> None:
    rows = [{"role": "assistant", "content": [{"type": "text", "text": "Here."}, IMAGE, TABLE, REFUSED, MISSING]}]
    assert list_files(rows) == (
        Handed("out.png", "image/png", "a1", 97),
        Handed("b.csv", "text/csv", "a2"),
        Handed("passwd", problem="refused"),
        Handed("no.png", problem="missing"),
    )


def test_a_picture_that_only_the_model_has_seen_is_not_handed_over() -> None:
    assert list_files([{"role": "toolResult", "content": [IMAGE | {"omitted": True}]}]) == ()
