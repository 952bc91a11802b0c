"""The state folder on this machine's disk: what is in it, and the bytes of each file.

The agent owns the folder and may be in a stranger's hands: no link in it is ever followed.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from chalicelib.domain.listing import Listing
from container.bridge.backup.draft import DiskDraft
from container.bridge.backup.limits import Waits
from container.bridge.backup.look import look
from container.bridge.backup.ports import NotReadable, Seen, Vanished
from container.bridge.backup.sqlite import database_copy, is_database
from container.bridge.backup.walk import BENEATH, descent

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class DiskFolder:
    path: Path
    waits: Waits = field(default_factory=Waits)

    def scan(self) -> Mapping[str, Seen]:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.waits.renew()
        return look(self.path)

    def read(self, path: str) -> Iterator[bytes]:
        with _opened(self.path, path) as file:
            if is_database(file):
                with database_copy(self.path, path, self.waits) as copy, copy.open("rb") as content:
                    yield from _blocks(content)
            else:
                yield from _blocks(file)

    def read_bytes(self, path: str) -> Iterator[bytes]:
        with _opened(self.path, path) as file:
            yield from _blocks(file)

    def capacity(self) -> int:
        facts = os.statvfs(self.path)
        return facts.f_blocks * facts.f_frsize or sys.maxsize  # a file system that does not say has no end

    def draft(self, listing: Listing) -> DiskDraft:
        return DiskDraft(self.path, listing)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """As many bytes as it has now: one that grows would never end. Raises NotReadable."""
    left = os.fstat(file.fileno()).st_size
    try:
        file.seek(0)
        while left > 0 and (block := file.read(min(BLOCK, left))):
            yield block
            left = left - len(block) if len(block) == BLOCK else 0  # a shorter one is the last, even if it has grown
    except OSError as error:
        raise NotReadable(str(error)) from error


@contextmanager
def _opened(root: Path, path: str) -> Iterator[BinaryIO]:
    """The regular file at `path` below `root`, reached without following any link. Raises Vanished, NotReadable."""
    under, _, name = path.rpartition("/")
    try:
        with descent(root) as way:
            held = way.enter(under)
            try:
                file = os.fdopen(os.open(name, BENEATH, dir_fd=held), "rb")
            finally:
                os.close(held)
    except PermissionError as error:
        raise NotReadable(str(error)) from error
    except OSError as error:
        raise Vanished(f"{path}: {error}") from error
    with closing(file):
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Vanished(f"{path} is not a file any more")
        yield file
