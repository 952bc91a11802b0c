"""A walk through a folder that somebody else changes: no link is followed, any depth takes the same few descriptors."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

BENEATH = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER = BENEATH | os.O_DIRECTORY
MOST_OPEN = 32  # descriptors of the folders above the one that is looked at


def joined(under: str, name: str) -> str:
    return f"{under}/{name}" if under else name


@dataclass
class Descent:
    """The way down to one folder after the other; the nearest folders above stay open for the next one."""

    root: int
    _way: list[tuple[str, int]] = field(default_factory=list)  # path and descriptor, each inside the one before

    def enter(self, path: str) -> int:
        """A descriptor, ours to close. Raises OSError."""
        while self._way and not path.startswith(f"{self._way[-1][0]}/"):
            os.close(self._way.pop()[1])
        at, held = self._way[-1] if self._way else ("", self.root)
        for name in path[len(at) :].strip("/").split("/") if path else ():
            at, held = joined(at, name), os.open(name, FOLDER, dir_fd=held)
            self._keep(at, held)
        return os.dup(held)

    def close(self) -> None:
        while self._way:
            os.close(self._way.pop()[1])

    def _keep(self, path: str, descriptor: int) -> None:
        self._way.append((path, descriptor))
        if len(self._way) > MOST_OPEN:
            os.close(self._way.pop(0)[1])


@contextmanager
def descent(root: Path) -> Iterator[Descent]:
    """Raises OSError."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    way = Descent(descriptor)
    try:
        yield way
    finally:
        way.close()
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Whatever is in it, however deep, whatever its folders allow: each folder is brought to the top, then emptied.

    What the system does not let go stays. Raises nothing.
    """
    try:
        top = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fchmod(top, stat.S_IRWXU)
        _empty(top)
        path.rmdir()
    except OSError:
        return
    finally:
        os.close(top)


def _empty(top: int) -> None:
    names = (f".{os.urandom(8).hex()}-{number}" for number in count())
    folders = _cleared(top, top, names)
    while folders:
        name = folders.pop()
        inner = os.open(name, FOLDER, dir_fd=top)
        try:
            folders += _cleared(inner, top, names)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)


def _cleared(folder: int, top: int, names: Iterator[str]) -> list[str]:
    """Without its files; its folders are at the top, under these names."""
    moved = []
    for name in os.listdir(folder):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            os.chmod(name, stat.S_IRWXU, dir_fd=folder)
            moved.append(next(names))
            os.rename(name, moved[-1], src_dir_fd=folder, dst_dir_fd=top)
        else:
            os.unlink(name, dir_fd=folder)
    return moved
