"""The tar file that a person takes home: the same bytes whether it is made at once or in parts."""

from __future__ import annotations

import io
import tarfile

from chalicelib.domain.archive import Literal, lay_out, measure, slice_part
from chalicelib.domain.listing import Extent, ListedFile, Listing

PACKS = {"a": b"0123456789" * 1000, "b": b"abcdefghij" * 100}
LONG = f"workspace/{'x' * 200}/안녕.txt"
LISTING = Listing(
    files={
        "state/openclaw.sqlite": ListedFile(
            0o600, 1_700_000_000_000, 5010, "", (Extent("a", 10, 5000), Extent("b", 3, 10))
        ),
        LONG: ListedFile(0o644, 1_700_000_000_000, 512, "", (Extent("b", 0, 512),)),
        "workspace/empty": ListedFile(0o755, 0, 0, "", ()),
    },
    folders={"state": 0o700, "workspace/.git/refs": 0o755},
    links={"workspace/link": "../state"},
)


def content(begin: int, end: int) -> bytes:
    body = bytearray(end - begin)
    for at, segment in slice_part(lay_out(LISTING), begin, end):
        match segment:
            case Literal(text):
                part = text
            case Extent(pack, offset, length):
                part = PACKS[pack][offset : offset + length]
        body[at : at + len(part)] = part
    return bytes(body)


def test_any_computer_can_open_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(content(0, measure(lay_out(LISTING))))) as archive:
        database = archive.extractfile("openclaw/state/openclaw.sqlite")
        text = archive.extractfile(f"openclaw/{LONG}")
        assert database and database.read() == PACKS["a"][10:5010] + PACKS["b"][3:13]
        assert text and text.read() == PACKS["b"][:512]
        assert archive.getmember("openclaw/workspace/empty").mode == 0o755
        assert archive.getmember("openclaw/workspace/.git/refs").isdir()
        assert archive.getmember("openclaw/workspace/link").linkname == "../state"
        assert b"~/.openclaw" in (archive.extractfile("openclaw/README.txt") or io.BytesIO()).read()


def test_parts_add_up_to_the_whole() -> None:
    size = measure(lay_out(LISTING))
    whole = content(0, size)
    for step in (511, 512, 4000, size):
        parts = [content(begin, min(begin + step, size)) for begin in range(0, size, step)]
        assert b"".join(parts) == whole


def test_a_listing_without_files_is_an_archive_too() -> None:
    assert measure(lay_out(Listing())) % 512 == 0
