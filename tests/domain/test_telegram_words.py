from string import Formatter

import pytest

from chalicelib.domain.agent import Step
from chalicelib.domain.telegram_words import WORDS, step


def places(template: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("key", WORDS["en"])
def test_both_languages_say_the_same_things(key: str) -> None:
    assert set(WORDS["en"]) == set(WORDS["ko"])
    assert places(WORDS["en"][key]) == places(WORDS["ko"][key])


def test_every_stage_of_a_start_has_its_words() -> None:
    assert all(step(language, reached) for language in WORDS for reached in (*Step, None))
    assert step("en", Step.QUEUED, 41.3) == "💤 Waking up … about 41 s"
    assert step("xx", Step.GATEWAY) == "⚙️ OpenClaw starts …"
