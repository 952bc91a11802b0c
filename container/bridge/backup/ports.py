"""What a backup needs of the state folder: what is in it, the bytes of each file, and a draft that takes its place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from chalicelib.domain.listing import Listing

Task = TypeVar("Task")
Result = TypeVar("Result")


class PathKind(Enum):
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SIDECAR = "sidecar"  # a part of the database beside it: saved only where that one cannot be read as a database
    SPECIAL = "special"  # a socket, a pipe, a device: it has no bytes, and lives with the process that made it


@dataclass(frozen=True)
class Seen:
    """A path as a look at the folder found it."""

    kind: PathKind
    mode: int
    modified_ms: int = 0
    mark: Hashable = None  # another one when the content may be another; None: look at the content again
    target: str = ""  # of a link
    size: int = 0  # bytes of the disk that it takes, without the holes of a sparse file
    why: str = ""  # it cannot be read; a folder: what is in it


class Vanished(Exception):
    """The file is not there any more, or not a file."""


class NotReadable(Exception):
    """The file is there, and its bytes cannot be had."""


class Torn(NotReadable):
    """A database that cannot be read as of one moment. `resting`: its files do not change: their bytes can be had."""

    def __init__(self, why: str, *, resting: bool) -> None:
        super().__init__(why)
        self.resting = resting


class FolderDraft(Protocol):
    """A folder that will be the state folder."""

    def write(self, path: str, offset: int, content: bytes) -> None: ...

    def finish(self) -> None:
        """Takes the place of the state folder, in one step."""

    def discard(self) -> None: ...


class StateFolder(Protocol):
    def scan(self) -> Mapping[str, Seen]:
        """All that belongs to the agent's state, by path with "/"."""

    def read(self, path: str) -> Iterator[bytes]:
        """A file, a database as of one moment, in blocks of a multiple of CHUNK but the last.

        Raises Vanished, NotReadable, for a database Torn; in bounded time whoever holds or writes the file.
        """

    def read_bytes(self, path: str) -> Iterator[bytes]:
        """As `read`, but the bytes as they lie there. Raises Vanished, NotReadable."""

    def capacity(self) -> int:
        """Bytes of the disk on which it is: more than these cannot be restored."""

    def draft(self, listing: Listing) -> FolderDraft: ...


class Reports(Protocol):
    """Between backups and people. Nothing here may raise: a backup does not depend on it."""

    def note(self, note: str | None) -> None:
        """A note beside the agent's status; None takes it away."""

    def asked(self) -> str | None:
        """When somebody asked for a backup that was not made yet."""

    def answered(self, asked: str) -> None: ...


class Parallel(Protocol):
    """Does each task, several at once where that helps; the first error ends it."""

    def __call__(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]: ...
