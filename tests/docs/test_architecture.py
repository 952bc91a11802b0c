"""The drawings of states are the tables of transitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from chalicelib.domain.agent import TRANSITIONS
from container.bridge.openclaw.exchange import TABLE
from container.bridge.openclaw.phases import Input, Phase
from container.bridge.openclaw.progress import SECONDS
from container.bridge.openclaw.protocol import RunEvent

DOCS = Path(__file__).parents[2] / "docs"
GROUP = "Talking"  # an arrow from it is one from each phase that is drawn inside


def section(title: str) -> str:
    return (DOCS / "architecture.md").read_text().split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def drawing(title: str) -> list[str]:
    (found,) = re.findall(r"stateDiagram-v2\n(.*?)```", section(title), re.DOTALL)
    return [line.strip() for line in found.splitlines()]


def arrows(lines: list[str]) -> set[str]:
    return {line for line in lines if "-->" in line and "[*]" not in line}


def test_the_states_are_drawn_as_they_are() -> None:
    table = {
        f"{state.value} --> {after.value}: {event.value}"
        for state, row in TRANSITIONS.items()
        for event, after in row.items()
    }

    assert arrows(drawing("The life of an agent")) == table


def test_the_exchange_with_openclaw_is_drawn_as_it_is() -> None:
    table = {
        (phase.value, after.value, word(kind))
        for phase, row in TABLE.items()
        for kind, entry in row.items()
        for after in entry.leads - {phase}
    }

    assert set(drawn("One message's exchange with OpenClaw")) == table


def test_every_phase_of_the_exchange_is_listed_with_what_it_waits_for() -> None:
    listed = re.findall(r"^\| ([A-Z]\w+) \|", section("One message's exchange with OpenClaw"), re.MULTILINE)
    assert listed == [phase.value for phase in SECONDS if phase is not Phase.OVER]


def word(kind: type[Input]) -> str:
    return "event" if kind is RunEvent else kind.__name__.lower()


def drawn(title: str) -> Iterator[tuple[str, str, str]]:
    lines = drawing(title)
    inside = lines[lines.index(f"state {GROUP} {{") : lines.index("}")]
    members = {name for arrow in arrows(inside) for name in arrow.split(":")[0].split(" --> ")}
    for arrow in arrows(lines):
        path, _, words = arrow.partition(": ")
        before, after = path.split(" --> ")
        for phase in members if before == GROUP else {before}:
            yield from ((phase, after, each) for each in words.split(", "))
