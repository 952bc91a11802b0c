"""Backups that somebody has forged: refused as damaged before a byte is written, and nothing leaves the folder."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Kind, Manifest, Point, decode_manifest, encode_manifest
from chalicelib.domain.listing import ListedFile, Listing, decode_listing, encode_listing
from chalicelib.errors import DamagedBackup
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.restore import restore
from container.bridge.threads import at_once
from tests.fakes.clock import NOON
from tests.fakes.objects import MemoryObjects

PACK = "a" * 64
FILE = [0o600, 0, 0, "", []]
POINT = {"number": 1, "listing": PACK, "madeAt": "2026-01-01T00:00:00.000Z", "epoch": 1, "kind": "running"}
POINT |= {"size": 1, "files": 1}
ODD: list[Any] = [None, True, -1, 1.5, float("inf"), float("nan"), 2**70, 10**400, "1", "", [], {}, [1]]
DEEP = b"[" * 100_000
DEEP_OBJECT = b'{"a":' * 100_000
BODIES = [b"", b"\xff", b"null", b"[]", b"{}", b'"x"', b"7", b"1e999", b"NaN", DEEP, DEEP_OBJECT, b"9" * 5000]


def listing(**changes: Any) -> bytes:
    fields = {"version": 1, "packs": [PACK], "files": [], "folders": {}, "links": {}} | changes
    return zlib.compress(json.dumps(fields).encode())


def manifest(**changes: Any) -> bytes:
    return json.dumps({"version": 1, "epoch": 1, "sweptAt": None, "points": [POINT]} | changes).encode()


def with_field(at: int, value: Any) -> bytes:
    return listing(files=[["f", *FILE[:at], value, *FILE[at + 1 :]]])


def damaged(body: bytes, decode: Any = decode_listing) -> None:
    with pytest.raises(DamagedBackup):
        decode(body)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:12].decode(errors="replace"))
def test_what_is_no_listing_is_damaged(body: bytes) -> None:
    damaged(zlib.compress(body))


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:12].decode(errors="replace"))
def test_what_is_no_manifest_is_damaged(body: bytes) -> None:
    damaged(body, decode_manifest)


@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value!r:.12}")
@pytest.mark.parametrize("at", [0, 1, 2, 4], ids=["mode", "time", "size", "places"])
def test_a_file_with_an_odd_field_is_damaged(at: int, value: Any) -> None:
    if (at, value) in [(1, -1), (4, [])]:
        return  # before 1970, and an empty file
    damaged(with_field(at, value))


@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value!r:.12}")
@pytest.mark.parametrize("at", [0, 1, 2], ids=["pack", "offset", "length"])
def test_a_place_with_an_odd_number_is_damaged(at: int, value: Any) -> None:
    places = [0, 0, 5]
    damaged(listing(files=[["f", 0o600, 0, 5, "", [*places[:at], value, *places[at + 1 :]]]]))


@pytest.mark.parametrize("value", [*ODD, "../manifest.json", "A" * 64, "a" * 63, f"{PACK}\n", "a" * 65])
def test_a_pack_or_a_listing_has_the_name_of_a_hash(value: Any) -> None:
    damaged(listing(packs=[value]))
    damaged(manifest(points=[POINT | {"listing": value}]), decode_manifest)


@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value!r:.12}")
@pytest.mark.parametrize("field", ["number", "epoch", "size", "files", "kind", "madeAt", "source", "incompleteCount"])
def test_a_point_with_an_odd_field_is_damaged(field: str, value: Any) -> None:
    if (field, value) == ("source", None):
        return
    damaged(manifest(points=[POINT | {field: value}]), decode_manifest)


@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value!r:.12}")
@pytest.mark.parametrize("field", ["epoch", "points", "sweptAt"])
def test_a_manifest_with_an_odd_field_is_damaged(field: str, value: Any) -> None:
    if (field, value) in [("sweptAt", None), ("sweptAt", ""), ("points", []), ("sweptAt", []), ("sweptAt", {})]:
        return  # as good as none
    damaged(manifest(**{field: value}), decode_manifest)


@pytest.mark.parametrize("made", ["2026-01-01T00:00:00", "yesterday", "0000-00-00T00:00:00Z", "2026-01-01T25:00:00Z"])
def test_a_time_without_a_zone_or_sense_is_damaged(made: str) -> None:
    damaged(manifest(points=[POINT | {"madeAt": made}]), decode_manifest)


def test_points_that_are_not_in_order_are_damaged() -> None:
    for numbers in ([2, 1], [1, 1]):
        damaged(manifest(points=[POINT | {"number": number} for number in numbers]), decode_manifest)


THROUGH_LINKS: dict[str, dict[str, Any]] = {
    "a file below a link": {"files": [["a/f", *FILE]], "links": {"a": "/etc"}},
    "a file far below a link": {"files": [["a/b/c/f", *FILE]], "links": {"a": "/etc"}},
    "a link below a link": {"links": {"a": "/etc", "a/b": "x"}},
    "a link far below a link": {"links": {"a/b/c": "x", "a": "/etc"}},
    "a folder below a link": {"folders": {"a/b": 0o700}, "links": {"a": "/etc"}},
    "a folder and a link": {"folders": {"a": 0o700}, "links": {"a": "/etc"}},
    "a file and a link": {"files": [["a", *FILE]], "links": {"a": "/etc"}},
    "a file and a folder": {"files": [["a", *FILE]], "folders": {"a": 0o700}},
    "a file below a file": {"files": [["a", *FILE], ["a/b", *FILE]]},
    "a link below a file": {"files": [["a", *FILE]], "links": {"a/b": "x"}},
    "a link to nothing": {"links": {"a": ""}},
    "a link with a zero": {"links": {"a": "x\0y"}},
    "a link to a number": {"links": {"a": 7}},
    "links in a list": {"links": [["a", "x"]]},
}


@pytest.mark.parametrize("name", THROUGH_LINKS)
def test_nothing_is_restored_through_a_link(name: str) -> None:
    damaged(listing(**THROUGH_LINKS[name]))


@pytest.mark.parametrize("links", [{"a": "/etc", "a/b": "x"}, {"a/b/c": "x", "a": "/etc"}])
def test_a_draft_makes_no_folder_through_its_own_links(tmp_path: Path, links: dict[str, str]) -> None:
    """Also if a listing came past its decoder."""
    place, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    elsewhere.mkdir()
    forged = Listing(links={path: str(elsewhere) if target == "/etc" else target for path, target in links.items()})
    with pytest.raises(OSError):
        _restored(place, forged)
    assert list(elsewhere.iterdir()) == []
    assert not place.exists()


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o1777, 0o6777, 0o177777, 2**40])
def test_no_mode_lends_anybodys_rights(tmp_path: Path, mode: int) -> None:
    decoded = decode_listing(listing(files=[["f", mode, 0, 0, "", []]], folders={"d": mode | 0o700}))
    place = tmp_path / "state"
    for forged in (decoded, Listing(files={"f": ListedFile(mode & 0o7777, 0, 0, "", ())}, folders={"d": 0o7777})):
        _restored(place, forged)
        for path in (place / "f", place / "d"):
            assert path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX) == 0


def test_special_bits_are_not_saved_either(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "tool").write_text("x")
    (tmp_path / "workspace" / "tool").chmod(0o6755)
    assert DiskFolder(tmp_path).scan()["workspace/tool"].mode == 0o755


def test_a_forged_listing_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    objects, place = MemoryObjects(), tmp_path / "state"
    bucket = BackupBucket("ada", objects)
    place.mkdir()
    (place / "memory").write_text("mine")
    stored = listing(files=[["a/f", *FILE]], links={"a": str(tmp_path)})
    name = hashlib.sha256(stored).hexdigest()
    objects.put(bucket.listing_key(name), stored)
    with pytest.raises(DamagedBackup):
        restore(bucket, bucket.listing(name), DiskFolder(place), at_once)
    assert (place / "memory").read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["state"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
# Threads of servers that other files of this process share draw numbers while a strategy does.
pytestmark = pytest.mark.filterwarnings("ignore:.*random:hypothesis.errors.HypothesisDeprecationWarning")
LISTINGS = st.fixed_dictionaries({"packs": JSON, "files": JSON, "folders": JSON, "links": JSON})
MANIFESTS = st.fixed_dictionaries({"epoch": JSON, "points": JSON | st.lists(st.just(POINT) | JSON), "sweptAt": JSON})


@settings(max_examples=300, deadline=None)
@given(fields=LISTINGS | JSON)
def test_whatever_json_it_is_a_listing_is_read_or_damaged(fields: Any) -> None:
    try:
        read = decode_listing(zlib.compress(json.dumps(fields).encode()))
    except DamagedBackup:
        return
    assert decode_listing(encode_listing(read)) == read


@settings(max_examples=300, deadline=None)
@given(fields=MANIFESTS | JSON)
def test_whatever_json_it_is_a_manifest_is_read_or_damaged(fields: Any) -> None:
    try:
        read = decode_manifest(json.dumps(fields).encode())
    except DamagedBackup:
        return
    assert decode_manifest(encode_manifest(read)) == read


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=200))
def test_whatever_bytes_they_are_nothing_else_is_raised(body: bytes) -> None:
    for decode, stored in ((decode_listing, body), (decode_listing, zlib.compress(body)), (decode_manifest, body)):
        try:
            decode(stored)
        except DamagedBackup:
            continue


def test_a_good_one_is_read() -> None:
    point = Point(1, PACK, NOON, 1, Kind.RUNNING, 1, 1)
    assert decode_manifest(encode_manifest(Manifest(1, (point,), NOON))).points == (point,)
    assert decode_listing(listing(files=[["a/f", *FILE]], folders={"a": 0o700}, links={"b": "../x"})).links


def _restored(place: Path, forged: Listing) -> None:
    draft = DiskFolder(place).draft(forged)
    try:
        draft.finish()
    except OSError:
        draft.discard()
        raise
    assert os.path.lexists(place)
