"""Listings: compact, read back as written, and never a way out of the folder they are restored to."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from chalicelib.domain.listing import (
    MOST_PACKS,
    PACK,
    Extent,
    ListedFile,
    Listing,
    chunks,
    decode_listing,
    digest_of,
    encode_listing,
    inflated,
    joined,
    worn,
)
from chalicelib.errors import DamagedBackup

A, B = "a" * 64, "b" * 64
FILE = ListedFile(0o600, 1_700_000_000_123, 5000, "d" * 64, (Extent(A, 0, 4096), Extent(B, 8192, 904)))
LISTING = Listing({"state/openclaw.sqlite": FILE}, {"state": 0o700}, {"workspace/link": "../elsewhere"})


def test_a_listing_is_read_as_it_was_written() -> None:
    assert decode_listing(encode_listing(LISTING)) == LISTING
    assert decode_listing(encode_listing(Listing())) == Listing()


def test_a_name_that_is_no_unicode_survives() -> None:
    odd = Listing({b"workspace/caf\xe9".decode(errors="surrogateescape"): ListedFile(0o644, 0, 0, "", ())})
    assert decode_listing(encode_listing(odd)) == odd


def test_neighbours_in_a_pack_are_one_extent() -> None:
    pieces = [Extent(A, 0, 4096), Extent(A, 4096, 4096), Extent(A, 12288, 10), Extent(B, 12298, 10)]
    assert joined(pieces) == (Extent(A, 0, 8192), Extent(A, 12288, 10), Extent(B, 12298, 10))


def test_chunks_are_pages_and_the_last_is_what_is_left() -> None:
    assert [len(chunk) for chunk in chunks(bytes(10_000))] == [4096, 4096, 1808]
    assert list(chunks(b"")) == []


def test_touching_a_file_changes_nothing_worth_a_backup() -> None:
    touched = Listing({"f": ListedFile(0o600, 2, 1, "d", (Extent(B, 0, 1),))})
    assert touched.same_as(Listing({"f": ListedFile(0o600, 1, 1, "d", (Extent(A, 0, 1),))}))
    assert not touched.same_as(Listing({"f": ListedFile(0o644, 2, 1, "d", (Extent(B, 0, 1),))}))
    assert not touched.same_as(Listing({"f": ListedFile(0o600, 2, 1, "e", (Extent(B, 0, 1),))}))
    assert not touched.same_as(Listing(touched.files, {"new": 0o700}))


def test_packs_are_worn_only_when_there_are_too_many() -> None:
    assert worn({f"{number}": 1 for number in range(MOST_PACKS)}) == frozenset()


def test_the_emptiest_packs_are_written_anew_as_one() -> None:
    live = {"full": PACK, "half": PACK // 2, **{f"tiny {number}": 4096 for number in range(MOST_PACKS)}}

    chosen = worn(live)

    assert "full" not in chosen
    assert len(chosen) == MOST_PACKS + 1
    assert sum(live[pack] for pack in chosen) <= PACK


def stored(**changes: Any) -> bytes:
    fields = {"version": 1, "packs": [A], "files": [], "folders": {}, "links": {}} | changes
    return zlib.compress(json.dumps(fields).encode())


@pytest.mark.parametrize("path", ["../up", "/root", "a/../../up", "", "a//b", "a/.", "a\0b"])
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    for place in (
        {"files": [[path, 0o600, 0, 0, "", []]]},
        {"folders": {path: 0o700}},
        {"links": {path: "x"}},
    ):
        with pytest.raises(DamagedBackup):
            decode_listing(stored(**place))


@pytest.mark.parametrize(
    "body",
    [
        b"not compressed",
        zlib.compress(b"[]"),
        zlib.compress(b"{}"),
        encode_listing(LISTING)[:-10],
        stored(files=[["f", 0o600, 0, 5, "", [0, 0, 4]]]),
        stored(files=[["f", 0o600, 0, 5, "", [7, 0, 5]]]),
    ],
)
def test_a_listing_that_is_not_what_was_written_is_damaged(body: bytes) -> None:
    with pytest.raises(DamagedBackup):
        decode_listing(body)


def test_nothing_inflates_beyond_its_limit() -> None:
    assert inflated(zlib.compress(bytes(1000)), 1000) == bytes(1000)
    with pytest.raises(DamagedBackup):
        inflated(zlib.compress(bytes(1001)), 1000)
    with pytest.raises(DamagedBackup):
        inflated(zlib.compress(bytes(1000))[:-4], 1000)


def test_a_files_digest_is_of_its_chunks_in_order() -> None:
    assert digest_of([b"1", b"2"]) != digest_of([b"2", b"1"])
