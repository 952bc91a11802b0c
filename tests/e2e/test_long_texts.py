"""Long texts, both ways, through the real OpenClaw: what a person pastes reaches the model whole, as does an answer."""

from __future__ import annotations

import hashlib

from chalicelib.domain.lengths import TEXT_BYTES
from tests.e2e.bucket import Bucket
from tests.e2e.page import Page
from tests.e2e.product import Product

COLD = 120.0
LINES = [f"{number:05d} 오류: 연결이 끊어졌습니다. 다시 시도합니다. ⚠" for number in range(4_300)]
LOG = "\n".join(LINES)  # 300 KB of Korean


def test_300_kb_of_korean_log_reach_the_model_whole(page: Page, conversation: str, product: Product) -> None:
    assert 300_000 < len(LOG.encode()) < TEXT_BYTES
    turn = page.send("What is wrong here? [[n=5]]", conversation, attachments=[page.upload("로그.txt", LOG)])

    page.answer(turn, COLD)

    prompt = product.prompt("What is wrong here?")
    assert prompt
    assert [line for line in LINES if line not in prompt] == []
    assert LOG in prompt
    question, _ = page.history(conversation)
    assert [(each["name"], each["bytes"]) for each in question["attachments"]] == [("로그.txt", len(LOG.encode()))]


def test_the_longest_text_that_may_be_attached_is_not_cut(page: Page, conversation: str, product: Product) -> None:
    """Letters of one byte: as many characters as there can be. The demo model's context holds them."""
    text = "".join(f"{number:07d} a line of a log\n" for number in range(TEXT_BYTES // 24))
    turn = page.send("", conversation, attachments=[page.upload("log.txt", text)])
    page.answer(turn, COLD)
    assert product.prompt(text.strip())


def test_an_answer_of_500_kb_is_committed_once_and_is_whole_after_a_reload(
    page: Page, conversation: str, product: Product
) -> None:
    line = "긴답" * 200 + " "  # long words: each is an event, and OpenClaw gets slow with many
    times = 500_000 // len(line.encode()) + 1
    before = kept_answers(product)
    turn = page.send(f"[[say={line}]][[n={times}]][[delay=0]]", conversation)

    shown = page.answer(turn, 240)

    assert shown == (line * times).strip() or shown == line * times
    assert len(shown.encode()) > 499_000
    again = Page(product.origin).open()
    _, answer = again.history(conversation)
    assert hashlib.sha256(answer["text"].encode()).hexdigest() == hashlib.sha256(shown.encode()).hexdigest()
    again.put({"type": "resume", "conversationId": conversation, "after": 0})
    assert again.answer(turn) == shown
    again.close()
    assert sum("[[say=긴답" in str(each["last"]) for each in product.model_requests()) == 1
    assert [body for key, body in kept_answers(product).items() if key not in before] == [shown.encode()]
    page.answer(page.send("go on [[n=3]]", conversation), COLD)


def kept_answers(product: Product) -> dict[str, bytes]:
    return {key: body for key, body in Bucket.of(product).read().items() if "/answers/" in key}
