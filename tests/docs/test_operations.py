"""What operations.md lists is what the code tells."""

import re
from pathlib import Path

from chalicelib.domain.notes import NOTES
from chalicelib.domain.signals import MEASURES
from tests.infra.templates import resources

TEXT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_note_is_listed_with_its_words() -> None:
    assert {code.strip("`"): words for code, words in rows("What is going on")} == NOTES


def test_every_metric_is_listed_with_its_event() -> None:
    listed = {(what.split(":")[0], *re.findall(r"`(\w+)`", f"{names} {by}")) for names, by, what in rows("Metrics")}
    told = {
        (event.value, *(name for name in (each.count, each.time, each.by) if name)) for event, each in MEASURES.items()
    }
    assert listed == told


def test_every_alarm_is_listed_with_its_words() -> None:
    alarms = {
        name: each["Properties"] for name, each in resources().items() if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert {name.strip("`"): words for name, words in rows("Alarms")} == {
        name: each["AlarmDescription"] for name, each in alarms.items()
    }
