"""The state folder on a real disk: what belongs to it, that links are never followed, that a swap is whole."""

from __future__ import annotations

import errno
import os
import resource
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.listing import ListedFile, Listing
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.policy import is_state
from container.bridge.backup.ports import PathKind, Vanished

HOUR_AGO = 1_700_000_000


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "state"
    place.mkdir()
    return place


def write(path: Path, content: bytes = b"text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (HOUR_AGO, HOUR_AGO))
    return path


def read(place: Path, path: str) -> bytes:
    return b"".join(DiskFolder(place).read(path))


WORKSPACE = ["workspace/notes.md", "workspace/yarn.lock", "workspace/logs", "workspace/openclaw.json"]


@pytest.mark.parametrize("path", [*WORKSPACE, "agents/main/agent/settings.json", "media/a.png", "home/.bashrc", "tmp1"])
def test_what_the_agent_knows_is_state(path: str) -> None:
    assert is_state(path)


@pytest.mark.parametrize(
    "path", ["openclaw.json", "openclaw.json.bak", "logs", "tmp", "home/.cache", "agents/main/x.lock", "a/__pycache__"]
)
def test_what_every_start_makes_anew_is_not(path: str) -> None:
    assert not is_state(path)


def test_a_look_finds_files_folders_and_links(place: Path) -> None:
    write(place / "workspace/notes.md").chmod(0o640)
    (place / "workspace/empty").mkdir(mode=0o750)
    (place / "workspace/link").symlink_to("notes.md")
    write(place / "logs/openclaw.log")
    write(place / "workspace/.cache/big")

    seen = DiskFolder(place).scan()

    assert sorted(seen) == ["workspace", "workspace/empty", "workspace/link", "workspace/notes.md"]
    assert (seen["workspace/notes.md"].kind, seen["workspace/notes.md"].mode) == (PathKind.FILE, 0o640)
    assert seen["workspace/notes.md"].modified_ms == HOUR_AGO * 1000
    assert seen["workspace/empty"].kind is PathKind.FOLDER
    assert (seen["workspace/link"].kind, seen["workspace/link"].target) == (PathKind.LINK, "notes.md")


def test_a_folder_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert DiskFolder(tmp_path / "new/state").scan() == {}


def test_a_mark_changes_with_the_content_and_only_then(place: Path) -> None:
    folder = DiskFolder(place)
    file = write(place / "notes.md", b"one")
    before = folder.scan()["notes.md"].mark
    assert before is not None and folder.scan()["notes.md"].mark == before

    file.write_bytes(b"two")
    assert folder.scan()["notes.md"].mark is None, "written just now: it may be written again within the same tick"
    os.utime(file, (HOUR_AGO, HOUR_AGO))
    assert folder.scan()["notes.md"].mark != before


def test_sockets_and_pipes_are_seen_and_not_read(tmp_path: Path, place: Path) -> None:
    os.mkfifo(place / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place / "socket"))
        assert {seen.kind for seen in DiskFolder(place).scan().values()} == {PathKind.SPECIAL}
    with pytest.raises(Vanished):
        read(place, "pipe")


def test_no_link_is_followed_to_a_file_of_ours(tmp_path: Path, place: Path) -> None:
    write(tmp_path / "secrets/key", b"the bridge's")
    (place / "file").symlink_to(tmp_path / "secrets/key")
    (place / "folder").symlink_to(tmp_path / "secrets")

    assert {seen.kind for seen in DiskFolder(place).scan().values()} == {PathKind.LINK}
    for path in ("file", "folder/key"):
        with pytest.raises(Vanished):
            read(place, path)


def test_a_file_is_read_whole(place: Path) -> None:
    content = os.urandom(3_000_000)
    write(place / "workspace/a", content)
    blocks = list(DiskFolder(place).read("workspace/a"))
    assert b"".join(blocks) == content
    assert all(len(block) % 4096 == 0 for block in blocks[:-1])
    assert read(place, str(write(place / "empty", b"").name)) == b""


LISTING = Listing(
    files={
        "a/b": ListedFile(0o640, HOUR_AGO * 1000, 6, "", ()),
        "sealed/c": ListedFile(0o400, HOUR_AGO * 1000, 0, "", ()),
    },
    folders={"a": 0o755, "sealed": 0o500, "empty": 0o700},
    links={"a/link": "b"},
)


def test_a_draft_takes_the_folders_place(place: Path) -> None:
    write(place / "old")
    draft = DiskFolder(place).draft(LISTING)
    draft.write("a/b", 3, b"def")
    draft.write("a/b", 0, b"abc")
    assert (place / "old").exists(), "nothing has changed yet"

    draft.finish()

    assert sorted(path.relative_to(place).as_posix() for path in place.rglob("*")) == [
        *("a", "a/b", "a/link", "empty", "sealed", "sealed/c")
    ]
    assert (place / "a/b").read_bytes() == b"abcdef"
    facts = (place / "a/b").stat()
    assert (stat.S_IMODE(facts.st_mode), facts.st_mtime) == (0o640, HOUR_AGO)
    assert stat.S_IMODE((place / "sealed").stat().st_mode) == 0o500
    assert sorted(path.name for path in place.parent.iterdir()) == ["state"]


def test_a_draft_that_is_discarded_leaves_nothing(place: Path) -> None:
    write(place / "old")
    DiskFolder(place).draft(LISTING).discard()
    assert [path.name for path in place.parent.iterdir()] == ["state"]
    assert (place / "old").exists()


def test_what_a_killed_restore_left_is_in_nobodys_way(place: Path) -> None:
    DiskFolder(place).draft(LISTING)
    (place.parent / "state.before").mkdir()

    DiskFolder(place).draft(replace(LISTING, files={})).finish()

    assert sorted(path.name for path in place.parent.iterdir()) == ["state"]
    assert not (place / "a/b").exists()


def test_a_disk_that_takes_no_more_leaves_the_folder_as_it_was(place: Path) -> None:
    write(place / "old")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    listing = Listing(files={"large": ListedFile(0o600, 0, 200_000, "", ())})
    draft = DiskFolder(place).draft(listing)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        with pytest.raises(OSError, match="too large") as told:
            draft.write("large", 0, b"x" * 200_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    draft.discard()
    assert told.value.errno == errno.EFBIG
    assert [path.name for path in place.parent.iterdir()] == ["state"] and (place / "old").exists()


@pytest.mark.parametrize("path", ["n" * 300, "a/b/" + "n" * 256, "/".join(["n" * 250] * 20)])
def test_a_name_that_this_disk_does_not_take_leaves_the_folder_as_it_was(place: Path, path: str) -> None:
    write(place / "old")
    with pytest.raises(OSError, match="File name too long") as told:
        DiskFolder(place).draft(Listing(files={path: ListedFile(0o600, 0, 0, "", ())}))
    assert told.value.errno == errno.ENAMETOOLONG
    assert [each.name for each in place.parent.iterdir()] == ["state"] and (place / "old").exists()


def test_what_was_in_the_folder_before_goes_whatever_its_modes(place: Path) -> None:
    write(place / "sealed/deep/in").parent.chmod(0)
    (place / "sealed").chmod(0)
    DiskFolder(place).draft(LISTING).finish()
    assert sorted(path.name for path in place.parent.iterdir()) == ["state"]
