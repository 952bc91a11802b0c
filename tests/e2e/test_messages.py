"""Messages and answers, from the socket to the real OpenClaw and back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.page import Page, fetch
from tests.e2e.product import Product, wait_for

COLD = 120.0  # seconds the first answer of a sleeping agent may take on a loaded machine


def test_a_message_wakes_the_agent_and_is_answered(page: Page, conversation: str) -> None:
    turn = page.send("Hello there", conversation)

    assert page.acked(turn)["seq"] > 0
    assert "Hello there" in page.answer(turn, COLD)
    assert page.history(conversation)[1]["id"] == f"{turn}:answer"


def test_an_awake_agent_streams_its_answer_in_numbered_pieces(page: Page, conversation: str) -> None:
    turn = page.send("count [[n=60]] [[delay=0.02]]", conversation)

    text = page.answer(turn, COLD)

    numbers = [frame["n"] for frame in page.frames if frame["type"] == "stream_chunk" and frame["turn"] == turn]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 3
    assert page.history(conversation)[1]["text"] == text


def test_a_burst_is_answered_in_order_each_message_once(page: Page, conversation: str, product: Product) -> None:
    turns = [page.send(f"burst {number} [[n=3]]", conversation) for number in range(20)]

    for turn in turns:
        page.answer(turn, COLD)

    entries = page.history(conversation)
    assert [entry["role"] for entry in entries] == ["user", "agent"] * 20
    assert sorted(turns) == sorted(entry["id"] for entry in entries[::2])
    asked = [entry["text"] for entry in entries[::2]]
    heard = [line for line in (_last_line(each) for each in product.model_requests()) if line.startswith("burst ")]
    assert heard == asked, "OpenClaw saw another order than history shows"


def test_the_same_message_sent_twice_is_answered_once(page: Page, conversation: str, product: Product) -> None:
    turn = page.send("only once [[n=5]]", conversation)
    page.acked(turn)
    page.send("only once [[n=5]]", conversation, id=turn)
    page.answer(turn, COLD)
    page.send("only once [[n=5]]", conversation, id=turn)

    wait_for(lambda: len(_acks(page, turn)) == 3, "three acks")
    assert len({ack["seq"] for ack in _acks(page, turn)}) == 1
    assert len(page.history(conversation)) == 2
    assert sum("only once" in _last_line(each) for each in product.model_requests()) == 1


def test_two_tabs_show_the_same_conversation(page: Page, conversation: str, product: Product) -> None:
    other = Page(product.origin).open()
    try:
        turn = page.send("for both tabs [[n=30]] [[delay=0.02]]", conversation)
        shown = other.wait(lambda frame: frame["type"] == "message" and frame["id"] == turn, "the question")
        assert (shown["role"], shown["status"]) == ("user", "pending")
        assert other.answer(turn, COLD) == page.answer(turn, COLD)
    finally:
        other.close()


def test_a_page_that_comes_back_resumes_the_running_answer(page: Page, conversation: str, product: Product) -> None:
    turn = page.send("a long story [[n=120]] [[delay=0.05]]", conversation)
    page.first_word(turn, COLD)
    page.close()

    back = Page(product.origin).open()
    try:
        back.put({"type": "resume", "conversationId": conversation, "after": 0})
        question = back.wait(lambda frame: frame["type"] == "message" and frame["id"] == turn, "the question")
        assert question["status"] == "pending"
        # the next words may come before those so far: a page waits for these then
        back.wait(lambda frame: frame.get("turn") == turn and frame.get("replace") is True, "the answer so far")
        assert "w119" in back.answer(turn)
    finally:
        back.close()


def test_a_page_that_comes_back_late_gets_the_committed_answer(page: Page, conversation: str, product: Product) -> None:
    turn = page.send("gone before the end [[n=40]] [[delay=0.02]]", conversation)
    page.acked(turn)
    page.close()
    back = Page(product.origin).open()
    try:
        wait_for(lambda: len(back.history(conversation)) == 2, "the answer in history", COLD)
        back.put({"type": "resume", "conversationId": conversation, "after": 0})
        answer = back.wait(lambda frame: frame["type"] == "message" and frame["role"] == "agent", "the answer")
        assert answer["id"] == f"{turn}:answer"
    finally:
        back.close()


def test_stop_keeps_the_text_that_was_there(page: Page, conversation: str) -> None:
    turn = page.send("never ending [[n=2000]] [[delay=0.05]]", conversation)
    page.first_word(turn, COLD)
    page.put({"type": "cancel", "turn": turn})

    text = page.answer(turn)

    assert page.ended(turn)["stopReason"] == "cancelled"
    entry = page.history(conversation)[1]
    assert (entry["status"], entry["text"]) == ("cancelled", text)
    assert "w0" in text and "w1999" not in text


def test_a_stopped_conversation_goes_on(page: Page, conversation: str) -> None:
    turn = page.send("never ending [[n=2000]] [[delay=0.05]]", conversation)
    page.first_word(turn, COLD)
    page.put({"type": "cancel", "turn": turn})
    page.ended(turn)

    assert "and now" in page.answer(page.send("and now", conversation))


@pytest.mark.parametrize(
    ("directive", "code"),
    [
        ("[[err=401]]", "model_auth"),
        ("[[err=429]]", "rate_limited"),
        ("[[err=500]]", "model_error"),
    ],
)
def test_a_failing_provider_gives_a_notice_with_its_own_code(page: Page, directive: str, code: str) -> None:
    conversation = str(uuid.uuid4())
    turn = page.send(f"please {directive} [[n=20]]", conversation)

    notice = page.ended(turn, patience=200)

    assert (notice["role"], notice["status"], notice["errorCode"]) == ("notice", "failed", code)
    assert len(notice["text"]) > 20
    assert page.history(conversation)[1]["id"] == notice["id"]


def test_a_provider_that_breaks_off_in_mid_answer_leaves_its_words_and_its_code(page: Page, conversation: str) -> None:
    turn = page.send("please [[midfail]] [[n=20]]", conversation)

    shown = page.answer(turn, COLD)

    end = page.ends[turn]
    assert (end["stopReason"], end["errorCode"], shown.startswith("w0 w1")) == ("broken", "model_error", True)
    _, kept = page.history(conversation)
    assert (kept["role"], kept["text"], kept["errorCode"]) == ("agent", shown, "model_error")


def test_the_agent_remembers_what_was_said_before(page: Page, conversation: str, product: Product) -> None:
    page.answer(page.send("first [[n=2]]", conversation), COLD)
    page.answer(page.send("second [[n=2]]", conversation))

    assert product.remembered() == 2


def test_conversations_are_answered_beside_each_other(page: Page) -> None:
    slow = page.send("slow [[n=100]] [[delay=0.1]]", str(uuid.uuid4()))
    page.first_word(slow, COLD)
    quick = page.send("quick [[n=3]]", str(uuid.uuid4()))

    page.answer(quick)
    assert not any(frame["type"] == "stream_end" and frame["turn"] == slow for frame in page.frames)
    page.answer(slow)


def test_a_tool_that_the_agent_uses_is_shown(page: Page, conversation: str) -> None:
    turn = page.send('look [[tool=exec {"command":"echo hello-from-a-tool"}]]', conversation)

    page.answer(turn, COLD)

    phases = [frame["phase"] for frame in page.frames if frame["type"] == "tool" and frame["turn"] == turn]
    assert phases == ["start", "end"]


def test_a_frame_that_cannot_be_understood_is_refused_in_words(page: Page, conversation: str) -> None:
    page.put({"type": "send", "id": str(uuid.uuid4()), "conversationId": conversation, "text": "  "})

    refused = page.wait(lambda frame: frame["type"] == "error", "the refusal")

    assert (refused["code"], refused["retryable"]) == ("invalid_message", False)
    assert "text" in refused["message"]


def test_nobody_gets_in_without_a_token_or_with_a_used_ticket(product: Product) -> None:
    assert fetch(f"{product.origin}/api/conversations")[0] == 401
    assert fetch(f"{product.origin}/api/conversations", token="ey.not.one")[0] == 401


def _acks(page: Page, turn: str) -> list[dict[str, object]]:
    return [frame for frame in page.frames if frame["type"] == "ack" and frame["id"] == turn]


def _last_line(request: Mapping[str, Any]) -> str:
    return str(request["last"]).strip()
