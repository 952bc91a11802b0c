"""What a bridge knows to be in the bucket of its user's state, and what is needed to add the next one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.listing import Listing
from container.bridge.backup.packs import Content
from container.bridge.backup.ports import StateFolder
from container.bridge.backup.sqlite import LOGS


@dataclass(frozen=True)
class Memory:
    """A generation, with what is needed to find out what has changed since."""

    listing: Listing = field(default_factory=Listing)
    contents: Mapping[str, Content] = field(default_factory=dict)
    marks: Mapping[str, Hashable] = field(default_factory=dict)  # of the files as they were read


def remember(listing: Listing, contents: Mapping[str, Content], folder: StateFolder) -> Memory:
    """Of a folder that was just restored and that nobody has touched."""
    seen = folder.scan()
    # A database that was saved with its logs is read anew: next time it may be one that can be read.
    torn = {path for path in contents if any(f"{path}{each}" in contents for each in LOGS)}
    return Memory(listing, contents, {path: each.mark for path, each in seen.items() if path in contents.keys() - torn})
