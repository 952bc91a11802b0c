"""What API Gateway itself refuses: the deploy gives it these templates, and the laptop answers by them."""

from __future__ import annotations

import json

import pytest

from chalicelib.domain.protocol import ERROR_CODES, rest_refusal
from chalicelib.domain.refusals import MESSAGE, TEMPLATES
from chalicelib.errors import InvalidMessage


@pytest.mark.parametrize("kind", TEMPLATES)
def test_what_api_gateway_makes_of_a_template_is_an_error_of_ours(kind: str) -> None:
    """It puts its own words, with quotes, in the place of the variable."""
    made = json.loads(TEMPLATES[kind].replace(MESSAGE, json.dumps('no "such" token')))
    assert made.keys() == rest_refusal(InvalidMessage("")).keys()
    assert made["code"] in ERROR_CODES
    assert made["message"] == 'no "such" token'


def test_every_kind_has_a_template_or_falls_back_to_one() -> None:
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= TEMPLATES.keys()
