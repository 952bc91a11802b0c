"""Who can read what, in SECURITY.md: each cell names tests, and they are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tables() -> tuple[list[list[str]], dict[str, list[str]]]:
    """The cells of the table, and the tests by the letters under which they are named."""
    text = (ROOT / "SECURITY.md").read_text().split("## Who can read what\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    proofs = {row[0]: re.findall(r"`(tests/[^`]+)`", row[1]) for row in rows if re.fullmatch(r"[LTF]\d+", row[0])}
    return [row for row in rows if len(row) == 4 and row[0] and "---" not in row[0]], proofs


def letters(cell: str) -> set[str]:
    return set(re.findall(r"\b[LTF]\d+\b", cell))


def test_each_cell_is_backed_by_a_test_and_no_test_is_named_for_nothing() -> None:
    cells, proofs = tables()
    named = {row[0]: [letters(cell) for cell in row[1:]] for row in cells}
    assert len(named) == 7
    bare = {(what, column) for what, found in named.items() for column, each in enumerate(found) if not each}
    assert bare == {("another user's", 0)}, "a laptop has one user, which no test can show"
    assert set().union(*(each for found in named.values() for each in found)) == set(proofs)


def test_the_tests_that_are_named_are_there() -> None:
    _, proofs = tables()
    for place in (place for places in proofs.values() for place in places):
        file, name = place.split("::")
        assert name in {
            node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(node, ast.FunctionDef)
        }
    assert all(proofs.values())
