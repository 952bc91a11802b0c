"""What an image is made of, as `.dockerignore` lists it: its name is the hash of it, so that the same is built once."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

TAG = 16  # characters of the hash
EPOCH = (2026, 1, 1, 0, 0, 0)  # of every file in the zip, so that the same files make the same zip


def files(root: Path) -> list[Path]:
    wanted = [line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    found = {path for pattern in wanted for path in _expand(root, pattern)} | {root / "container" / "Dockerfile"}
    return sorted(path for path in found if "__pycache__" not in path.parts and "node_modules" not in path.parts)


def _expand(root: Path, pattern: str) -> Iterator[Path]:
    for path in root.glob(pattern):
        yield from (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else (path,)


def tag(root: Path) -> str:
    whole = hashlib.sha256()
    for path in files(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return whole.hexdigest()[:TAG]


def pack(root: Path) -> bytes:
    """A zip for CodeBuild."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (*files(root), root / ".dockerignore"):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
