"""How long texts may be: the numbers hold in every language, and what is cut says so."""

import json
from pathlib import Path

import pytest

from chalicelib.domain.attachment import MOST_UPLOADS
from chalicelib.domain.lengths import (
    ANSWER_BYTES,
    CUT,
    HISTORY_BYTES,
    INLINE_BYTES,
    MESSAGE_CHARS,
    TEXT_BYTES,
    cut,
    weigh,
)

LAMBDA_BYTES = 6 * 1024 * 1024
LETTERS = ("x", "가", "🎉", '"', "\\", "\n", "\x01")


@pytest.mark.parametrize("letter", LETTERS)
def test_a_text_weighs_what_a_lambda_answers_with(letter: str) -> None:
    answer = {"statusCode": 200, "body": json.dumps({"text": letter * 1000})}
    assert 0 < len(json.dumps(answer)) - weigh(letter * 1000) < 100


@pytest.mark.parametrize("letter", LETTERS)
def test_a_text_of_any_language_is_cut_to_what_fits_and_says_so(letter: str) -> None:
    kept = cut(letter * 6_000, most=5_000)
    assert kept.endswith(CUT)
    assert 5_000 - 25 <= weigh(kept) <= 5_000


def test_the_longest_answer_fits_a_lambdas_answer_with_what_waits_behind_it() -> None:
    assert ANSWER_BYTES + 10 * 7 * MESSAGE_CHARS < LAMBDA_BYTES


@pytest.mark.parametrize("text", ["", "x" * 500_000, "가" * 300_000])
def test_what_can_be_kept_is_not_touched(text: str) -> None:
    assert cut(text) is text


def test_two_texts_in_their_rows_are_far_below_a_transaction() -> None:
    assert 2 * INLINE_BYTES < 400_000
    assert HISTORY_BYTES < ANSWER_BYTES


def test_the_page_and_the_cloud_count_with_the_same_numbers() -> None:
    page = (Path(__file__).parents[2] / "frontend" / "src" / "wire" / "attachment.ts").read_text()
    assert f"MESSAGE_CHARS = {MESSAGE_CHARS};" in page
    assert f"TEXT_BYTES = {TEXT_BYTES // 1024} * 1024;" in page
    assert f"MOST_ATTACHMENTS = {MOST_UPLOADS};" in page
