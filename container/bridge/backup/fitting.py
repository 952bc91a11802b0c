"""What is saved must be restorable: what no start could restore is left out beforehand, and named."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from chalicelib.domain.listing import Listing
from chalicelib.errors import DamagedBackup
from container.bridge.backup.limits import LONGEST_NAME, LONGEST_PATH, LONGEST_PATHS, PER_PATH
from container.bridge.backup.policy import is_openclaws
from container.bridge.backup.ports import PathKind, Seen

Lost = dict[str, str]  # why, by path


def fitting(seen: Mapping[str, Seen], capacity: int, most: int = LONGEST_PATHS) -> tuple[Mapping[str, Seen], Lost]:
    """OpenClaw's own comes first. `capacity`: bytes of the disk that a start restores to; `most`: of all names."""
    lost = _too_many(seen, most) | _too_large(seen, capacity)
    return ({path: each for path, each in seen.items() if path not in lost}, lost) if lost else (seen, lost)


def _too_many(seen: Mapping[str, Seen], most: int) -> Lost:
    """The listing must stay one that a start can read."""
    if sum(6 * len(path) + 6 * len(each.target) + PER_PATH for path, each in seen.items()) <= most:
        return {}  # whatever is in the names
    lost, total = {}, 0
    for path in sorted(seen, key=lambda path: (not is_openclaws(path), path)):
        total += len(json.dumps(path)) + len(json.dumps(seen[path].target)) + PER_PATH
        if total > most:
            lost[path] = "there are too many names"
    return lost


def _too_large(seen: Mapping[str, Seen], capacity: int) -> Lost:
    """A file with many names, or one that the disk compresses, takes more of it when it is restored."""
    lost: Lost = {}
    excess = sum(each.size for each in seen.values()) - capacity
    files = [path for path, each in seen.items() if each.kind is PathKind.FILE and each.size]
    for path in sorted(files, key=lambda path: (is_openclaws(path), -seen[path].size, path)) if excess > 0 else ():
        if excess > 0:
            lost[path] = "all files together are larger than the disk"
            excess -= seen[path].size
    return lost


def check_restorable(listing: Listing) -> None:
    """Restores in thought: every name is one, and what is above it is a folder. Raises DamagedBackup."""
    leaves = {**listing.files, **listing.links}
    for path in (*leaves, *listing.folders):
        if len(os.fsencode(path)) > LONGEST_PATH or any(len(os.fsencode(part)) > LONGEST_NAME for part in _parts(path)):
            raise DamagedBackup(f"the name {path!r:.80} is too long")
        above = path.rpartition("/")[0]
        if above in leaves or (path in leaves and path in listing.folders):
            raise DamagedBackup(f"{path!r:.80} is below what is no folder, or two things at once")


def _parts(path: str) -> list[str]:
    return path.split("/")
