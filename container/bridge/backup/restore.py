"""Fetching a generation: each pack once, several at a time, every byte checked before the folder is used."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.listing import CHUNK, Extent, Listing, chunks
from chalicelib.errors import DamagedBackup
from container.bridge.backup.packs import DIGEST, Content
from container.bridge.backup.ports import FolderDraft, Parallel, StateFolder


@dataclass(frozen=True)
class Piece:
    """Where in which file an extent belongs."""

    path: str
    offset: int
    extent: Extent


def restore(bucket: BackupBucket, listing: Listing, folder: StateFolder, parallel: Parallel) -> dict[str, Content]:
    """Puts the generation in the folder's place, whole or not at all; what is in it, by path.

    Raises DamagedBackup, StorageUnavailable or OSError; the folder is then as it was.
    """
    draft = folder.draft(listing)
    try:
        contents = _fetch(bucket, listing, draft, parallel)
        draft.finish()
    except BaseException:
        draft.discard()
        raise
    return contents


def _fetch(bucket: BackupBucket, listing: Listing, draft: FolderDraft, parallel: Parallel) -> dict[str, Content]:
    digests = {path: bytearray(DIGEST * -(-file.size // CHUNK)) for path, file in listing.files.items()}
    pieces = _pieces(listing)

    def take(pack: str) -> None:
        content = memoryview(bucket.pack(pack))
        for piece in pieces[pack]:
            part = bytes(content[piece.extent.offset : piece.extent.offset + piece.extent.length])
            if len(part) < piece.extent.length:
                raise DamagedBackup(f"{piece.path} goes beyond the end of a pack")
            draft.write(piece.path, piece.offset, part)
            hashed = b"".join(hashlib.sha256(chunk).digest() for chunk in chunks(part))
            at = piece.offset // CHUNK * DIGEST
            digests[piece.path][at : at + len(hashed)] = hashed

    parallel(take, sorted(pieces))
    return {path: _checked(path, listing, bytes(found)) for path, found in digests.items()}


def _pieces(listing: Listing) -> Mapping[str, list[Piece]]:
    """By pack."""
    found: dict[str, list[Piece]] = defaultdict(list)
    for path, file in listing.files.items():
        offset = 0
        for extent in file.extents:
            found[extent.pack].append(Piece(path, offset, extent))
            offset += extent.length
    return found


def _checked(path: str, listing: Listing, digests: bytes) -> Content:
    file = listing.files[path]
    content = Content(file.size, digests, file.extents)
    if content.digest != file.digest:
        raise DamagedBackup(f"{path} is not what was saved")
    return content
