"""A restored folder in the making, beside the state folder, whose place it takes when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from chalicelib.domain.listing import Listing

PRIVATE = 0o700


class DiskDraft:
    """`folder` must not be a mount point: it is renamed."""

    def __init__(self, folder: Path, listing: Listing) -> None:
        self.folder, self.listing = folder, listing
        self.place = folder.with_name(f"{folder.name}.restoring")
        self.before = folder.with_name(f"{folder.name}.before")
        self.discard()
        self.place.mkdir(mode=PRIVATE, parents=True)
        for path in sorted(listing.folders):
            (self.place / path).mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        for path, file in listing.files.items():
            (self.place / path).parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            with (self.place / path).open("xb") as empty:
                empty.truncate(file.size)

    def write(self, path: str, offset: int, content: bytes) -> None:
        """From any thread."""
        descriptor = os.open(self.place / path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            written = os.pwrite(descriptor, content, offset)
        finally:
            os.close(descriptor)
        if written < len(content):
            raise OSError(f"only {written} bytes of {len(content)} could be written to {path}")

    def finish(self) -> None:
        for path, file in self.listing.files.items():
            (self.place / path).chmod(file.mode)
            os.utime(self.place / path, ns=(file.modified_ms * 1_000_000,) * 2)
        for path, target in self.listing.links.items():  # last, so that nothing is written through them
            (self.place / path).parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            (self.place / path).symlink_to(target)
        self._close(self.listing.folders)
        self._swap()

    def discard(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)

    def _close(self, folders: Mapping[str, int]) -> None:
        """The deepest first: one that may not be written to any more can still hold others."""
        for path in sorted(folders, reverse=True):
            (self.place / path).chmod(folders[path])

    def _swap(self) -> None:
        shutil.rmtree(self.before, ignore_errors=True)
        if self.folder.exists():
            self.folder.rename(self.before)
        self.place.rename(self.folder)
        shutil.rmtree(self.before, ignore_errors=True)
