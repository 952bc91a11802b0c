"""Where a link of an answer leads is seen in a chat, when its words say something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.telegram_text import Entity, Words, units
from container.bridge.telegram.links import show_targets
from container.bridge.telegram.markup import render

APPLE = "\u0430\u0440\u0440\u04cf\u0435.com"  # no Latin letter in its name


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("[good.example](https://evil.example/a)", "good.example (https://evil.example/a)"),
        ("[https://good.example/login](https://evil.example)", "https://good.example/login (https://evil.example)"),
        ("[www.good.example](http://evil.example)", "www.good.example (http://evil.example)"),
        ("[go to good.example now](https://evil.example)", "go to good.example now (https://evil.example)"),
        ("[evil.example.good.example](https://evil.example)", "evil.example.good.example (https://evil.example)"),
        (f"[{APPLE}](https://{APPLE}/)", f"{APPLE} (https://xn--80ak6aa92e.com/)"),
        ("[evil.example/\u202ea](https://evil.example)", "evil.example/\u202ea (https://evil.example)"),
        ("🎉 **[good.example](https://evil.example) b** c", "🎉 good.example (https://evil.example) b c"),
    ],
)
def test_words_that_name_another_address_have_the_real_one_beside_them(answer: str, text: str) -> None:
    words = render(answer)
    assert words.text == text
    assert [each.kind for each in words.entities if each.url] == ["text_link"]


@pytest.mark.parametrize(
    "answer",
    [
        "[the documents](https://good.example/a)",
        "[good.example](https://good.example/a)",
        "[GOOD.example/b](https://good.example/a)",
        "[https://good.example](http://good.example)",
        "[version 1.2.3](https://good.example/a)",
        "[good.example:8443](https://good.example:8443)",
    ],
)
def test_words_that_mislead_nobody_stay_as_they_are(answer: str) -> None:
    assert render(answer).text == answer[1 : answer.index("]")]


@pytest.mark.parametrize(
    "address", ["https://good.example@evil.example/", "https://a:b@evil.example", "https://good.example\\@evil.example"]
)
def test_an_address_with_a_name_before_its_host_is_no_link(address: str) -> None:
    words = show_targets(Words("see it", (Entity("bold", 0, 6), Entity("text_link", 4, 2, url=address))))
    assert words == Words(f"see it ({address})", (Entity("bold", 0, 6),))
    assert render(f"[here](<{address}>)").entities == ()


def test_what_stands_behind_and_around_keeps_its_markup() -> None:
    before = Words(
        "🎉 a.example b c",
        (
            Entity("bold", 0, 14),
            Entity("text_link", 3, 9, url="https://e.example"),
        ),
    )
    after = show_targets(Words(before.text, (*before.entities, Entity("italic", 15, 1))))
    added = units(" (https://e.example)")
    assert after.text == "🎉 a.example (https://e.example) b c"
    assert after.entities == (
        Entity("bold", 0, 14 + added),
        Entity("text_link", 3, 9, url="https://e.example"),
        Entity("italic", 15 + added, 1),
    )


def test_a_long_address_begins_with_its_host() -> None:
    text = render(f"[a.example](https://evil.example/{'x' * 5000})").text
    assert text.startswith("a.example (https://evil.example/xxx") and len(text) < 300


URLS = st.one_of(st.text(max_size=30), st.text("ab./:@[]%?#\\", max_size=20).map("https://".__add__))


@given(st.text(max_size=30), URLS)
def test_whatever_a_model_writes_as_a_link_has_markup_within_its_text(said: str, url: str) -> None:
    text = f"x{said}"
    words = show_targets(Words(text, (Entity("text_link", 0, units(text), url=url),)))
    assert words.text.startswith(text)
    assert all(each.offset >= 0 and each.end <= units(words.text) for each in words.entities)
