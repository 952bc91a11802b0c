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


@dataclass(frozen=True)
class Seen:
    """A path as a look at the folder found it."""

    kind: PathKind
    mode: int
    modified_ms: int = 0
    mark: Hashable = None  # another one when the content may be another; None: look at the content again
    target: str = ""  # of a link


class Vanished(Exception):
    """The file is not there any more, or not a file."""


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
        """A file as of one moment, in blocks of a multiple of CHUNK but the last. Raises Vanished."""

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
