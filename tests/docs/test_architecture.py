"""The drawing of the states is the table of transitions."""

import re
from pathlib import Path

from chalicelib.domain.agent import TRANSITIONS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_states_are_drawn_as_they_are() -> None:
    text = (DOCS / "architecture.md").read_text()
    (drawing,) = re.findall(r"stateDiagram-v2\n(.*?)```", text, re.DOTALL)
    arrows = {line.strip() for line in drawing.splitlines() if "-->" in line and "[*]" not in line}

    table = {
        f"{state.value} --> {after.value}: {event.value}"
        for state, row in TRANSITIONS.items()
        for event, after in row.items()
    }

    assert arrows == table
