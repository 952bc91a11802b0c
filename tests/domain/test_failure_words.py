"""Every failure is one key with words in two languages; the same file is read by the page's tests."""

from __future__ import annotations

import json
import string

import pytest

from chalicelib.domain.failure_kinds import KINDS, failed
from chalicelib.domain.failure_words import KOREAN, explain
from chalicelib.domain.protocol import ERROR_CODES
from tests.domain.test_golden import GOLDEN

ACTIONS = {"retry", "edit", "new_conversation", "choose_model"}


def fields(text: str) -> list[str]:
    return sorted((name or "").lower() for _, name, _, _ in string.Formatter().parse(text) if name)


def test_the_failures_are_the_golden_ones_in_both_languages() -> None:
    listed = {
        key: {
            "code": key.partition(".")[0],
            "en": kind.text,
            "ko": KOREAN[key],
            "retryable": kind.retryable,
            "action": kind.action,
        }
        for key, kind in KINDS.items()
    }
    assert list(json.loads((GOLDEN / "failures.json").read_text()).items()) == list(listed.items())


@pytest.mark.parametrize("key", KINDS)
def test_a_key_begins_with_a_code_and_both_languages_say_the_same_facts(key: str) -> None:
    assert key.partition(".")[0] in ERROR_CODES
    assert KINDS[key].action in ACTIONS
    assert fields(KINDS[key].text) == fields(KOREAN[key])


def test_a_model_without_a_name_is_named_in_the_language() -> None:
    assert explain("en", "model_error.overloaded", {}).startswith("The model provider is")
    assert explain("ko", "model_error.overloaded", {}).startswith("모델 제공자에")


def test_english_is_what_the_failure_itself_says() -> None:
    failure = failed("interrupted.too_many_steps", count="60")
    assert explain("en", failure.key, failure.params) == failure.text
    assert explain("fr", failure.key, failure.params) == failure.text


@pytest.mark.parametrize("key", [None, "of.tomorrow"])
def test_a_failure_without_a_known_key_is_told_as_it_was_worded(key: str | None) -> None:
    assert explain("ko", key, {}, "As it was said.") == "As it was said."


def test_a_failure_whose_facts_are_of_another_version_is_told_as_it_was_worded() -> None:
    assert explain("ko", "interrupted.too_long", {"hours": "1"}, "As it was said.") == "As it was said."
