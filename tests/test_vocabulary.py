"""One word per thing: docs/develop.md has the glossary, and what it retired appears in no name."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.test_boundaries import PROGRAMS, ROOT, nodes, sources

RETIRED = frozenset(
    {
        *("letter", "letters", "cupboard", "pocket", "wishes", "voice", "door", "doors", "vault", "loan", "loans"),
        *("lender", "wallet", "torso", "courtesy", "ears", "knock", "leash", "leashed", "still", "patience"),
        *("patiently", "preference", "preferences", "tell", "tells"),
    }
)
PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
STRING = r"`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
COMMENT_OR_STRING = re.compile(rf"//[^\n]*|/\*.*?\*/|{STRING}", re.DOTALL)
FIELDS = 8
# A program of its own, which no other program of ours imports.
APART = ("container/image", "bench")


def names(path: Path) -> Iterator[str]:
    """Every identifier of a file, and the file's own name."""
    yield path.stem
    if path.suffix == ".py":
        fields = (field for node in nodes(path) if not isinstance(node, ast.Constant) for field in vars(node).values())
        yield from (field for field in fields if isinstance(field, str))
    else:
        yield from re.findall(r"[A-Za-z_]\w*", COMMENT_OR_STRING.sub(" ", path.read_text()))


@cache
def words(name: str) -> frozenset[str]:
    return frozenset({part.lower() for part in PARTS.findall(name)})


def page_sources() -> list[Path]:
    return sorted(path for path in (ROOT / "frontend" / "src").rglob("*") if path.suffix in {".ts", ".tsx"})


@pytest.mark.parametrize("place", [*PROGRAMS, "frontend"])
def test_no_name_has_a_word_that_was_retired(place: str) -> None:
    found = page_sources() if place == "frontend" else list(sources(place))
    used = {(str(path.relative_to(ROOT)), name) for path in found for name in names(path) if words(name) & RETIRED}
    assert used == set()


def test_every_word_of_the_glossary_is_explained_once() -> None:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "docs" / "develop.md").read_text(), re.MULTILINE)
    assert len(rows) >= 25
    assert len(rows) == len(set(rows))


def classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    for place in PROGRAMS:
        for path in sources(place):
            yield from ((path, node) for node in nodes(path) if isinstance(node, ast.ClassDef))


def test_a_class_name_is_of_one_class() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for path, node in classes():
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(APART):
            places[node.name].add(place)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_class_that_acts_has_many_fields() -> None:
    """Who collaborates with more than eight others is two classes. Values that only hold facts may have more."""
    wide = {f"{path.relative_to(ROOT)}: {node.name}": sorted(fields(node)) for path, node in classes() if acts(node)}
    assert {name: found for name, found in wide.items() if len(found) > FIELDS} == {}


def acts(node: ast.ClassDef) -> bool:
    return any(isinstance(each, ast.FunctionDef) and not _builds(each) for each in node.body)


def _builds(method: ast.FunctionDef) -> bool:
    marks = {ast.unparse(mark) for mark in method.decorator_list}
    return bool(marks & {"classmethod", "staticmethod", "property"}) or method.name in {"__init__", "__post_init__"}


def fields(node: ast.ClassDef) -> set[str]:
    """Those that are declared, and all that any method gives to itself."""
    declared = {
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    return declared | {target.attr for target in _targets(node) if _is_own(target)}


def _targets(node: ast.ClassDef) -> Iterator[ast.Attribute]:
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            yield each


def _is_own(target: ast.Attribute) -> bool:
    return isinstance(target.value, ast.Name) and target.value.id == "self"
