"""How long texts may be: the numbers hold in every language, and what is cut says so."""

import json

import pytest

from chalicelib.domain.lengths import ANSWER_BYTES, CUT, HISTORY_BYTES, INLINE_BYTES, cut, weigh

LAMBDA_BYTES = 6 * 1024 * 1024
LETTERS = ("x", "가", "🎉", '"', "\\", "\n", "\x01")


@pytest.mark.parametrize("letter", LETTERS)
def test_a_text_weighs_what_a_lambda_answers_with(letter: str) -> None:
    answer = {"statusCode": 200, "body": json.dumps({"text": letter * 1000})}
    assert 0 < len(json.dumps(answer)) - weigh(letter * 1000) < 100


@pytest.mark.parametrize("letter", LETTERS)
def test_the_longest_answer_of_any_language_fits_a_lambdas_answer(letter: str) -> None:
    kept = cut(letter * 6_000_000)
    assert kept.endswith(CUT)
    assert ANSWER_BYTES - 20 <= weigh(kept) <= ANSWER_BYTES
    assert ANSWER_BYTES + 500_000 < LAMBDA_BYTES


@pytest.mark.parametrize("text", ["", "x" * 500_000, "가" * 700_000, "x" * 4_900_000])
def test_what_can_be_kept_is_not_touched(text: str) -> None:
    assert cut(text) is text


def test_two_texts_in_their_rows_are_far_below_a_transaction() -> None:
    assert 2 * INLINE_BYTES < 400_000
    assert HISTORY_BYTES < ANSWER_BYTES
