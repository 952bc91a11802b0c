"""What an answer consists of, from the real OpenClaw to the page: files, tools, halves, and how long a model thinks.

The same conversation is seen live, after a reload, and on a phone in Korean that was not there.
"""

from __future__ import annotations

import base64
import io
import json
import re
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import COLD, PHONE, WARM, answers, composer, questions, say
from tests.e2e.page import Page as Client
from tests.e2e.product import Product
from tests.e2e.test_page_answers import PIXEL

CHAT = re.compile(r"#/c/[0-9a-f-]{36}$")


def tone() -> bytes:
    """A twentieth of a second."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(bytes([0x80]) * 400)
    return sound.getvalue()


def order(command: str) -> str:
    return f"[[tool=exec {json.dumps({'command': command})}]]"


def write(name: str, content: bytes) -> str:
    return f"echo {base64.b64encode(content).decode()} | base64 -d > {name}"


@pytest.fixture
def korean(browser: Browser, product: Product) -> Iterator[Page]:
    """A phone in Korea."""
    context = browser.new_context(viewport=PHONE, locale="ko-KR", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def there(tab: Page, phone: Page) -> Locator:
    """The last answer of the same conversation on the phone."""
    expect(tab).to_have_url(CHAT)
    phone.goto(tab.url)
    answer = phone.get_by_role("article", name="에이전트").last
    expect(answer).to_be_visible(timeout=WARM)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    return answer


def ways(answer: Locator) -> list[str]:
    return answer.locator(".ending").get_by_role("button").all_inner_texts()


def test_files_that_the_agent_hands_over_are_shown_played_downloaded_or_told_of(
    tab: Page, korean: Page, product: Product, page: Client
) -> None:
    made = [
        write("chart.png", PIXEL),
        write("tone.wav", tone()),
        write("표.csv", b"a,b\n1,2\n"),
        write("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        "{ printf '%%PDF-1.4\\n'; head -c 22000000 /dev/zero; } > large.pdf",
    ]
    names = ("chart.png", "tone.wav", "표.csv", "drawing.svg", "large.pdf", "gone.png")
    handed = " ".join(f"[[media=./{name}]]" for name in names)
    say(tab, f"Make them. {order(' && '.join(made))} {handed}")

    answer = answers(tab).last
    expect(answer.get_by_role("img", name="chart.png")).to_be_visible(timeout=2 * COLD)
    look_at_files(answer, "Enlarge chart.png", "Download 표.csv")
    said = answer.inner_text()
    for name in ("large.pdf", "drawing.svg", "gone.png"):
        assert f"{name} could not be handed over" in said, said
    with tab.expect_download() as loading:
        answer.get_by_role("button", name="Download 표.csv").click()
    assert loading.value.suggested_filename == "표.csv"
    assert Path(loading.value.path()).read_bytes() == b"a,b\n1,2\n"

    tab.reload()
    look_at_files(answers(tab).last, "Enlarge chart.png", "Download 표.csv")
    assert answers(tab).last.inner_text().splitlines()[:3] == said.splitlines()[:3]
    look_at_files(there(tab, korean), "chart.png 크게 보기", "내려받기 표.csv")
    look_at_addresses(page, tab.url.rpartition("/")[2])


def look_at_files(answer: Locator, enlarge: str, download: str) -> None:
    """The picture has pixels, the sound has a length: the page's policy lets them through."""
    expect(answer.get_by_role("button", name=enlarge)).to_be_visible(timeout=WARM)
    picture = answer.get_by_role("img", name="chart.png")
    expect(picture).to_have_js_property("naturalWidth", 1, timeout=WARM)
    sound = answer.locator("audio")
    expect(sound).to_have_count(1)
    expect(sound).to_have_js_property("readyState", 4, timeout=WARM)
    expect(answer.get_by_role("button", name=download)).to_be_visible()
    expect(answer.locator(".not-had")).to_have_count(0)


def look_at_addresses(page: Client, conversation: str) -> None:
    """Whatever lies there is downloaded when it is opened, and only its owner is told where that is."""
    media: list[dict[str, Any]] = page.history(conversation)[-1]["media"]
    assert [(each["name"], each["kind"]) for each in media] == [
        ("chart.png", "image"),
        ("tone.wav", "audio"),
        ("표.csv", "file"),
    ]
    for each in media:
        place = page.rest("GET", f"/media/{each['id']}")
        assert "X-Amz-Signature" in place["url"]
        found = requests.get(place["url"], timeout=10)
        assert found.headers["Content-Disposition"].startswith("attachment")
        assert (found.headers["Content-Type"], len(found.content)) == (each["mimeType"], each["bytes"])
        assert requests.get(place["url"].partition("?")[0], timeout=10).status_code == 403


def test_tools_stay_with_their_answer(tab: Page, korean: Page) -> None:
    say(tab, "Three times [[loop=3]] [[pre=I look.]]")
    line = answers(tab).last.locator("summary")
    expect(line).to_have_text("3 tools used", timeout=COLD)
    expect(answers(tab).last).to_contain_text(" tok", timeout=WARM)
    live = answers(tab).last.inner_text()

    tab.reload()

    expect(line).to_have_text("3 tools used", timeout=WARM)
    assert answers(tab).last.inner_text() == live
    assert live.count("I look.") == 3
    line.click()
    expect(answers(tab).last.locator("ol li")).to_have_count(3)
    expect(answers(tab).last.locator("pre").first).to_contain_text("step")
    expect(there(tab, korean).locator("summary")).to_have_text("도구 3개 사용")


def test_an_answer_that_breaks_off_keeps_its_text_and_says_why(tab: Page, korean: Page) -> None:
    say(tab, "A story [[n=40]] [[midfail]]")
    ending = answers(tab).last.locator(".ending")
    expect(ending).to_contain_text("The answer broke off here.", timeout=COLD)
    expect(ending).to_contain_text("The connection to")
    assert ways(answers(tab).last) == ["Retry", "Go on"]
    live = answers(tab).last.inner_text()
    assert live.startswith("w0 w1 w2")

    tab.reload()

    expect(ending).to_be_visible(timeout=WARM)
    assert answers(tab).last.inner_text() == live
    other = there(tab, korean)
    expect(other.locator(".ending")).to_contain_text("답이 여기서 끊겼습니다. 답을 받는 도중에")
    assert ways(other) == ["다시 시도", "이어서 쓰기"]
    other.get_by_role("button", name="이어서 쓰기").click()
    expect(questions(tab).last).to_contain_text("계속해 줘.", timeout=WARM)
    expect(answers(tab).last).to_contain_text("데모 모델", timeout=WARM)
    expect(answers(tab).first.locator(".ending").get_by_role("button")).to_have_count(0)


def test_an_answer_at_the_models_limit_goes_on(tab: Page, korean: Page) -> None:
    say(tab, "A long one [[n=20]] [[stop=max_tokens]]")
    expect(answers(tab).last.locator(".ending")).to_contain_text("was cut off", timeout=COLD)
    expect(answers(tab).last).to_contain_text("w19")
    assert ways(answers(tab).last) == ["Go on"]
    other = there(tab, korean)
    expect(other.locator(".ending")).to_contain_text("길이 한도에 닿아")

    answers(tab).last.get_by_role("button", name="Go on").click()

    expect(questions(tab).last).to_contain_text("Go on.")
    expect(answers(tab)).to_have_count(2, timeout=WARM)


def test_a_model_that_declines_is_no_breakdown(tab: Page, korean: Page) -> None:
    say(tab, "Something odd [[refuse]]")
    expect(answers(tab).last.locator(".ending")).to_contain_text("The model declined to answer this.", timeout=COLD)
    assert ways(answers(tab).last) == ["Edit"]
    expect(there(tab, korean).locator(".ending")).to_contain_text("거절했습니다")

    answers(tab).last.get_by_role("button", name="Edit").click()

    expect(composer(tab)).to_have_value("Something odd [[refuse]]")


def test_a_notice_is_in_the_readers_language_with_its_advice_as_a_button(tab: Page, korean: Page) -> None:
    say(tab, "Nobody answers [[err=402]]")
    notice = tab.get_by_role("article", name="Notice")
    expect(notice).to_contain_text("has no credit", timeout=COLD)
    expect(notice.get_by_role("button", name="Choose a model")).to_be_visible()

    korean.goto(tab.url)

    other = korean.get_by_role("article", name="알림")
    expect(other).to_contain_text("남은 크레딧이 없어", timeout=WARM)
    other.get_by_role("button", name="모델 선택").click()
    expect(korean.get_by_role("dialog")).to_be_visible()


@pytest.mark.soak
def test_a_model_that_thinks_for_long_can_be_told_to_stop(tab: Page, korean: Page) -> None:
    say(tab, "Think [[ttft=300]]")
    waiting = tab.locator(".waiting")
    expect(waiting).to_contain_text("Still thinking · nothing new for", timeout=COLD)

    waiting.get_by_role("button", name="Cancel").click()

    expect(answers(tab).last).to_contain_text("Stopped", timeout=WARM)
    expect(waiting).to_have_count(0)
    expect(there(tab, korean)).to_contain_text("중지")
