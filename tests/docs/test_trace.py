"""What the trace of a message names is there."""

import ast
import re

from tests.docs.reference import FOLDER, ROOT


def names(path: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def test_every_function_of_the_trace_exists() -> None:
    rows = re.findall(r"^\| `(\S+\.py)` \| (.+) \|$", (FOLDER / "message.md").read_text(), re.MULTILINE)
    listed = {(path, name) for path, cell in rows for name in re.findall(r"`([^`]+)`", cell)}
    gone = {(path, name) for path, name in listed if name not in names(path)}
    assert listed
    assert gone == set(), "run: .venv/bin/python -m tests.docs.trace"
