"""Imports point inwards: app -> wiring -> services -> tables -> domain. This test is the rule; so are the sizes."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
IO = {
    "boto3",
    "botocore",
    "http",
    "io",
    "os",
    "pathlib",
    "requests",
    "socket",
    "ssl",
    "subprocess",
    "threading",
    "urllib",
}
CHANCE = {"random", "secrets", "time", "uuid"}
OUTER = {"app", "bench", "container", "infra", "local", "supply", "tests"}
FRAMES = {"chalice", "flask"}
OUTSIDE = {"docker", "requests"}  # neither in the zip of the functions nor in the image
PROJECT = (
    *("config", "wiring", "ports", "store", "services", "tables", "adapters"),
    *("backup_bucket", "long_texts", "pages"),
)


def layers(*names: str) -> set[str]:
    return {f"chalicelib.{name}" for name in names}


TURNS = (  # what a way to OpenClaw need not know: conversations, channels, backups, the life of a bridge
    "app",
    "backup",
    "channels",
    "delivery",
    "http",
    "life",
    "lifecycle",
    "presence",
    "rows",
    "streaming",
    "telegram",
    "telegram_courier",
    "turns",
    "wiring",
)
FORBIDDEN = {
    "app.py": OUTSIDE,
    "chalicelib": OUTER | FRAMES | OUTSIDE,
    "chalicelib/domain": IO | CHANCE | layers(*PROJECT),
    "chalicelib/tables": IO | CHANCE | layers("config", "wiring", "services", "adapters"),
    "chalicelib/services": IO | CHANCE | layers("config", "wiring", "adapters"),
    "chalicelib/adapters": layers("config", "wiring", "services", "tables"),
    "container": {"app", "bench", "chalice", "local", "tests"} | OUTSIDE | layers("services", "wiring"),
    "container/bridge/openclaw": {f"container.bridge.{name}" for name in TURNS} | {"flask", "boto3"},
    "container/agent": {"flask", "boto3", "container.bridge"},
    "local": {"tests", "bench", "flask"},
    "infra": {"app", "bench", "chalice", "container", "local", "supply", "tests"},
    "supply": OUTER - {"supply"} | {"chalicelib"} | FRAMES,
}
# The bridge's packages meet in its wiring, and in what the files beside them define: ports, events, mailboxes.
BRIDGE = ("backup", "http", "life", "openclaw", "relay", "telegram", "turns")
BRIDGE_KNOWS = {"life": {"backup", "turns"}}
BRIDGE_WIRING = ("__main__.py", "wiring.py")
MAY_USE_FLASK = "container/bridge"
FILE_LINES = 300
FUNCTION_LINES = 40
PROGRAMS = ("app.py", "chalicelib", "container", "local", "bench", "infra", "supply")


@cache
def sources(place: str) -> tuple[Path, ...]:
    """Not what was installed there, which is not even looked through."""
    root = ROOT / place
    return (root,) if root.is_file() else tuple(sorted(_walk(root)))


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("node_modules", "__pycache__")]
        yield from (Path(parent, name) for name in files if name.endswith(".py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(name for node in nodes(path) for name in _imported(node))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reaches(name: str, forbidden: str) -> bool:
    return name == forbidden or name.startswith(f"{forbidden}.")


def rooms(names: Iterable[str]) -> set[str]:
    return {f"container.bridge.{name}" for name in names}


FORBIDDEN |= {
    f"container/bridge/{room}": rooms({*BRIDGE, "wiring", "__main__"} - {room} - BRIDGE_KNOWS.get(room, set()))
    for room in BRIDGE
}


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_imports_point_inwards(folder: str) -> None:
    for path in sources(folder):
        for name in imports(path):
            assert not any(reaches(name, bad) for bad in FORBIDDEN[folder]), (
                f"{path.relative_to(ROOT)} may not import {name}"
            )


def test_what_the_packages_of_the_bridge_share_knows_none_of_them() -> None:
    for path in sorted((ROOT / "container/bridge").glob("*.py")):
        if path.name not in BRIDGE_WIRING:
            for name in imports(path):
                assert not any(reaches(name, room) for room in rooms(BRIDGE)), f"{path.name} may not import {name}"


def test_each_package_of_the_bridge_has_its_row() -> None:
    folders = (ROOT / "container/bridge").iterdir()
    assert sorted(each.name for each in folders if (each / "__init__.py").exists()) == sorted(BRIDGE)


def test_only_the_bridge_knows_flask() -> None:
    for path in (path for place in PROGRAMS for path in sources(place)):
        if MAY_USE_FLASK not in path.as_posix():
            assert not any(reaches(name, "flask") for name in imports(path)), path.relative_to(ROOT)


def test_the_domain_asks_no_clock() -> None:
    for path in sources("chalicelib/domain"):
        read = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}
        assert not read & {"now", "utcnow", "today"}, path.relative_to(ROOT)


def test_a_program_reads_its_environment_in_one_place() -> None:
    """Programs hand `os.environ` to their Settings; the shared code never looks."""
    for path in sources("chalicelib"):
        assert not any(reaches(name, "os") for name in imports(path)), path.relative_to(ROOT)


@pytest.mark.parametrize("place", PROGRAMS)
def test_no_file_outgrows_a_screenful_of_screens(place: str) -> None:
    for path in sources(place):
        assert len(path.read_text().splitlines()) <= FILE_LINES, path.relative_to(ROOT)


@pytest.mark.parametrize("place", PROGRAMS)
def test_no_function_outgrows_a_screen(place: str) -> None:
    for path in sources(place):
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= FUNCTION_LINES, f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"
