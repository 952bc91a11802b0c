"""The demo model hears what a person typed, obeys directives, and speaks both providers' streams."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import requests

from local.demo_model import anthropic as messages
from local.demo_model import openai as completions
from local.demo_model.answer import compose
from local.demo_model.directives import parse, without
from local.demo_model.prompt import read
from local.demo_model.server import DemoModel, paced

CONTEXT = '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nConversation data\n"none"\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>'


def said(text: str) -> dict[str, Any]:
    """As OpenClaw 2026.9.6 sends it to Anthropic."""
    typed = {"type": "text", "text": f"[Fri 2026-11-20 08:57 UTC] {text}", "cache_control": {"type": "ephemeral"}}
    return {"role": "user", "content": [typed]}


def body(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    context = {"role": "user", "content": [{"type": "text", "text": CONTEXT}]}
    return {"model": "demo-1", "system": "You are …", "tools": [{}], "messages": [*messages, context], **more}


ASSISTANT = {"role": "assistant", "content": [{"type": "text", "text": "before"}]}
CALL = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "read", "input": {}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "vm\n"}]}
CRASHED = {"role": "user", "content": "[System] Your previous turn was interrupted"}


def test_the_quote_is_the_last_line_the_person_typed() -> None:
    prompt = read(body(said("first"), ASSISTANT, said("one\ntwo  ")))
    assert (prompt.line, prompt.turns) == ("two", 2)
    assert compose(prompt).text.startswith("You said: “two”.")


def test_openclaws_own_rows_are_not_the_persons_words() -> None:
    assert read(body(said("mine"), CRASHED)).line == "mine"


def test_brackets_of_the_persons_own_stay() -> None:
    assert read(body(said("[Fri] [x] list"))).line == "[Fri] [x] list"


def test_korean_is_answered_in_korean() -> None:
    answer = compose(read(body(said("안녕하세요?")))).text
    assert answer.startswith("“안녕하세요?”")
    assert "make run" in answer


def test_words_can_be_put_into_its_mouth() -> None:
    assert compose(read(body(said("go [[say=🎉x]] [[n=3]]")))).text == "🎉x🎉x🎉x"
    assert compose(read(body(said("[[say=a [link](https://e.x)]]")))).text == "a [link](https://e.x)"
    assert without("go [[say=a [link](https://e.x)]] [[n=3]] now") == "go now"


def test_the_answer_says_how_to_set_a_key() -> None:
    assert "ANTHROPIC_API_KEY" in compose(read(body(said("hi")))).text


def test_directives_are_obeyed_and_not_quoted() -> None:
    directives = parse("[[n=40]] [[delay=0.05]] [[ttft=1]] [[err=429]] [[midfail]]")
    assert (directives.words, directives.delay, directives.first) == (40, 0.05, 1.0)
    assert (directives.error, directives.midfail) == (429, True)
    assert compose(read(body(said("hi [[delay=0]] there")))).text.startswith("You said: “hi there”.")


def test_only_the_last_message_directs() -> None:
    assert compose(read(body(said("[[err=500]]"), ASSISTANT, said("again")))).directives.error is None


def test_words_are_counted() -> None:
    assert compose(read(body(said("[[n=3]]")))).text == "w0 w1 w2."


def test_a_tool_is_called_once_and_its_answer_told() -> None:
    asked = said('[[tool=read {"path": {"a": 1}}]]')
    assert compose(read(body(asked))).tool == ("read", '{"path": {"a": 1}}')
    answer = compose(read(body(asked, CALL, RESULT)))
    assert (answer.tool, answer.text) == (None, "The tool answered: “vm”.")


def test_a_title_is_a_few_words() -> None:
    wanted = {"messages": [{"role": "user", "content": "how do I bake a good sourdough bread at home?"}]}
    assert compose(read({**wanted, "system": "Write a title."})).text == "how do I bake a good"


@pytest.fixture(scope="module")
def model() -> Iterator[DemoModel]:
    server = DemoModel()
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def anthropic(model: DemoModel, text: str, stream: bool = True) -> requests.Response:
    return requests.post(f"{model.url}/v1/messages", json=body(said(text), stream=stream), timeout=5)


def openai(model: DemoModel, text: str, stream: bool = True) -> requests.Response:
    return requests.post(f"{model.url}/v1/chat/completions", json=body(said(text), stream=stream), timeout=5)


def events(response: requests.Response) -> list[Any]:
    lines = response.text.splitlines()
    found = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [json.loads(line) for line in found if line != "[DONE]"]


def test_anthropics_stream_ends_properly(model: DemoModel) -> None:
    frames = events(anthropic(model, "[[n=3]]"))
    assert [frames[0]["type"], frames[-2]["type"], frames[-1]["type"]] == [
        "message_start",
        "message_delta",
        "message_stop",
    ]
    assert "".join(frame.get("delta", {}).get("text", "") for frame in frames) == "w0 w1 w2."


def test_openais_stream_ends_properly(model: DemoModel) -> None:
    response = openai(model, "[[n=3]]")
    choices = [frame["choices"][0] for frame in events(response)]
    assert "".join(choice["delta"].get("content") or "" for choice in choices) == "w0 w1 w2."
    assert choices[-1]["finish_reason"] == "stop"
    assert response.text.endswith("data: [DONE]\n\n")


def test_tools_are_called_in_each_providers_way(model: DemoModel) -> None:
    asked = '[[tool=exec {"command": "ls"}]]'
    block = events(anthropic(model, asked))[1]["content_block"]
    assert (block["type"], block["name"]) == ("tool_use", "exec")
    (call,) = events(openai(model, asked))[1]["choices"][0]["delta"]["tool_calls"]
    assert call["function"] == {"name": "exec", "arguments": '{"command": "ls"}'}


def test_without_a_stream_the_answer_is_whole(model: DemoModel) -> None:
    assert anthropic(model, "[[n=2]]", stream=False).json()["content"] == [{"type": "text", "text": "w0 w1."}]
    assert openai(model, "[[n=2]]", stream=False).json()["choices"][0]["message"]["content"] == "w0 w1."


def test_errors_have_the_providers_shape(model: DemoModel) -> None:
    refused = anthropic(model, "[[err=401]]")
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")
    assert openai(model, "[[err=429]]").json()["error"]["code"] == "429"


@pytest.mark.parametrize("ask", [anthropic, openai])
def test_a_stream_told_to_fail_breaks_after_half_of_it(model: DemoModel, ask: Any) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(model, "[[n=20]] [[midfail]]")


def test_tests_can_count_what_was_asked(model: DemoModel) -> None:
    anthropic(model, "count me [[delay=0]]")
    asked = requests.get(f"{model.url}/_log", timeout=5).json()
    assert [request["last"] for request in asked].count("count me [[delay=0]]") == 1
    assert asked[-1]["turns"] == 1


def test_a_tool_may_be_called_again_and_again_with_words_before_each_call() -> None:
    text = "[[loop=2]] [[pre=Step.]] [[n=1]]"
    first, second = body(said(text)), body(said(text), CALL, RESULT)
    done = body(said(text), CALL, RESULT, CALL, RESULT)
    answers = [compose(read(each)) for each in (first, second, done)]
    assert [(answer.text, bool(answer.tool)) for answer in answers] == [
        ("Step.", True),
        ("Step.", True),
        ("w0.", False),
    ]


def test_an_endless_loop_never_answers() -> None:
    assert compose(read(body(said("[[loop]]"), *[CALL, RESULT] * 500))).tool


@pytest.mark.parametrize(
    ("order", "ours", "theirs"),
    [("[[stop=max_tokens]]", "max_tokens", "length"), ("[[refuse]]", "refusal", "content_filter")],
)
def test_an_answer_stops_as_it_was_told_to(order: str, ours: str, theirs: str) -> None:
    answer = compose(read(body(said(f"{order} [[n=2]]"))))
    assert messages.whole(answer, "m", 1)["stop_reason"] == ours
    assert completions.whole(answer, "m", 1)["choices"][0]["finish_reason"] == theirs


def test_a_provider_may_break_in_the_middle() -> None:
    answer = compose(read(body(said("[[break]] [[n=4]]"))))
    events = list(paced(messages.stream(answer, "m", 1), answer, messages.broken()))
    assert "w1 " in events[-2]
    assert "overloaded_error" in events[-1]


def test_a_file_is_handed_over_on_a_line_of_its_own() -> None:
    assert compose(read(body(said("[[say=Here.]] [[media=./a.png]]")))).text == "Here.\nMEDIA:./a.png"
