"""Chunks, packs and their places; pieces that do not fit together."""

from __future__ import annotations

import os
import zlib
from dataclasses import replace

import pytest

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.listing import PACK, Extent, Listing, inflated
from chalicelib.errors import ConditionFailed, DamagedBackup
from container.bridge.backup.gather import gather
from container.bridge.backup.ledger import Ledger
from container.bridge.backup.memory import Memory
from container.bridge.backup.packs import Packer, build_index, compress, renamed
from container.bridge.backup.restore import restore
from tests.fakes.backup import MemoryFolder, in_turn
from tests.fakes.objects import MemoryObjects


def test_what_does_not_shrink_is_only_wrapped() -> None:
    noise, text = os.urandom(200_000), b"all work and no play " * 10_000
    assert len(compress(noise)) < len(noise) * 1.001
    assert len(compress(text)) < len(text) / 10
    for content in (noise, text, b""):
        assert inflated(compress(content), PACK) == content


def test_a_pack_is_closed_when_it_is_full_and_chunks_stay_whole() -> None:
    stored: list[bytes] = []

    def keep(body: bytes) -> str:
        stored.append(zlib.decompress(body))
        return f"pack {len(stored)}"

    packer = Packer({}, keep)
    block = os.urandom(1024 * 1024)
    content = packer.add(block[number:] + block[:number] for number in range(10))
    names = packer.finish()

    assert [len(pack) for pack in stored] == [PACK, 2 * 1024 * 1024]
    assert [each.pack for each in renamed(content, names).extents] == ["pack 1", "pack 2"]


def test_an_index_knows_where_every_chunk_is() -> None:
    packer = Packer({}, lambda body: "pack")
    content = packer.add([b"a" * 4096 + b"b" * 4096, b"c" * 10])
    known = renamed(content, packer.finish())
    index = build_index([known])

    again = Packer(index, lambda body: pytest.fail("nothing is new"))
    (place,) = again.add([b"b" * 4096, b"c" * 10]).extents
    assert place == Extent("pack", 4096, 4106)
    assert build_index([known], without={"pack"}) == {}


@pytest.mark.parametrize("words", ["beyond", "not what was saved"])
def test_pieces_that_do_not_fit_are_refused(words: str) -> None:
    folder, bucket = MemoryFolder(), BackupBucket("ada", MemoryObjects())
    folder.put("note", b"text")
    listing = gather(Memory(), folder, bucket, tidy=True).memory.listing
    file = listing.files["note"]
    if words == "beyond":
        file = replace(file, extents=(replace(file.extents[0], offset=6),))
    else:
        file = replace(file, digest="0" * 64)
    with pytest.raises(DamagedBackup, match=words):
        restore(bucket, Listing({"note": file}), MemoryFolder(), in_turn)


def test_a_manifest_of_somebody_else_after_an_unclear_write_is_no_success() -> None:
    objects = MemoryObjects()
    ledger = Ledger(BackupBucket("ada", objects), 1)
    first = ledger.claim()
    objects.loses = lambda call: call.startswith("replace")
    with pytest.raises(Exception, match="no answer"):
        ledger.replace(replace(first, epoch=1, swept_at=objects.clock()))
    objects.loses = lambda call: False
    BackupBucket("ada", objects).claim(2)

    with pytest.raises(ConditionFailed, match="neither"):
        ledger.replace(first)


def test_an_unclear_write_that_was_not_done_is_done_again() -> None:
    objects = MemoryObjects()
    ledger = Ledger(BackupBucket("ada", objects), 1)
    first = ledger.claim()
    objects.refuses = lambda call: call.startswith("replace")
    with pytest.raises(Exception, match="503"):
        ledger.replace(first)
    objects.refuses = lambda call: False

    ledger.replace(replace(first, swept_at=objects.clock()))

    assert ledger.holds() and ledger.manifest.swept_at
