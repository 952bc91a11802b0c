"""A restored folder in the making, beside the state folder, whose place it takes when it is whole.

Paths are relative to a descriptor of the draft, so that its own name takes nothing of the length that a path may have.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from chalicelib.domain.listing import MODE, Listing
from container.bridge.backup.walk import remove_tree

PRIVATE = 0o700
ZEROS = bytes(4096)  # what a hole of a sparse file reads as


class DiskDraft:
    """`folder` must not be a mount point: it is renamed. Raises OSError where the disk does not take it."""

    def __init__(self, folder: Path, listing: Listing) -> None:
        self.folder, self.listing = folder, listing
        self.place = folder.with_name(f"{folder.name}.restoring")
        self.before = folder.with_name(f"{folder.name}.before")
        self._root, self._made = -1, {""}
        self.discard()
        self.place.mkdir(mode=PRIVATE, parents=True)
        self._root = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._make()
        except OSError:
            self.discard()
            raise

    def write(self, path: str, offset: int, content: bytes) -> None:
        """From any thread. Zeros are there already, and take no room."""
        if content == ZEROS[: len(content)]:
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._root)
        try:
            rest = memoryview(content)
            while rest:  # a full disk takes a part, and says so at the next one
                written = os.pwrite(descriptor, rest, offset)
                rest, offset = rest[written:], offset + written
        finally:
            os.close(descriptor)

    def finish(self) -> None:
        for path, file in self.listing.files.items():
            os.chmod(path, file.mode & MODE, dir_fd=self._root)
            os.utime(path, ns=(file.modified_ms * 1_000_000,) * 2, dir_fd=self._root)
        for path, target in self.listing.links.items():  # last, so that nothing is written through them
            os.symlink(target, path, dir_fd=self._root)
        self._close(self.listing.folders)
        self._swap()

    def discard(self) -> None:
        self._let_go()
        remove_tree(self.place)

    def _make(self) -> None:
        for path in sorted(self.listing.folders):
            self._make_folders(f"{path}/")
        for path in self.listing.links:
            self._make_folders(path)
        for path, file in self.listing.files.items():
            self._make_folders(path)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600, dir_fd=self._root)
            try:
                os.ftruncate(descriptor, file.size)
            finally:
                os.close(descriptor)

    def _make_folders(self, path: str) -> None:
        """All that are above the last name in it."""
        missing, above = [], path.rpartition("/")[0]
        while above not in self._made:
            missing.append(above)
            above = above.rpartition("/")[0]
        for each in reversed(missing):
            os.mkdir(each, PRIVATE, dir_fd=self._root)
            self._made.add(each)

    def _close(self, folders: Mapping[str, int]) -> None:
        """The deepest first: one that may not be written to any more can still hold others."""
        for path in sorted(folders, reverse=True):
            os.chmod(path, folders[path] & MODE, dir_fd=self._root)

    def _swap(self) -> None:
        self._let_go()
        remove_tree(self.before)
        if self.folder.exists():
            self.folder.rename(self.before)
        self.place.rename(self.folder)
        remove_tree(self.before)

    def _let_go(self) -> None:
        if self._root >= 0:
            os.close(self._root)
            self._root = -1
