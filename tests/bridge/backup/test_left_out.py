"""What cannot be saved is left out with its name told, and stops nothing else. On a real disk."""

from __future__ import annotations

import os
import resource
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from container.bridge.backup.fitting import fitting
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.walk import remove_tree
from tests.bridge.backup.corpus import deep, many
from tests.bridge.backup.disks import MB, Disk, content, put

NOBODY = 65534


def test_what_has_no_bytes_is_named_and_nothing_to_worry_about(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(disk.place / "workspace/pipe")
    put(disk.place / "workspace/here")
    monkeypatch.chdir(disk.place / "workspace")  # a socket's address has a hundred bytes at most
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        point = disk.save()
    assert (point.incomplete, point.incomplete_count) == (("workspace/pipe", "workspace/socket"), 2)
    assert disk.running.lost == {}
    assert sorted(content(disk.next_machine())) == ["workspace", "workspace/here"]


def test_paths_that_no_call_of_the_system_takes_are_named_and_the_rest_is_there(disk: Disk) -> None:
    deep("n" * 255, 30)(disk.place / "workspace")
    put(disk.place / "workspace/here")

    point = disk.save()

    (lost,) = disk.running.lost
    assert len(lost) > 4095 and point.incomplete_count == 1 and len(point.incomplete[0]) <= 120
    there = content(disk.next_machine())
    assert "workspace/here" in there and len(there) == 2 + 15


def test_a_file_that_is_too_large_is_named_and_comes_when_it_is_smaller(disk: Disk) -> None:
    with (disk.place / "workspace/large").open("wb") as file:
        file.truncate(1024 * MB + 1)
    put(disk.place / "workspace/here")
    assert disk.save().incomplete == ("workspace/large",)
    assert sorted(content(disk.next_machine())) == ["workspace", "workspace/here"]

    disk.start(disk.place.with_name("third"))
    put(disk.place.with_name("third") / "workspace/large", b"small")
    assert disk.save().incomplete == ()


class SmallDisk(DiskFolder):
    def capacity(self) -> int:
        return 5 * MB


def test_what_is_larger_than_the_disk_is_left_out_the_largest_first(disk: Disk) -> None:
    """A file with many names is as many files when it is restored."""
    put(disk.place / "workspace/large", os.urandom(2 * MB))
    for number in range(5):
        os.link(disk.place / "workspace/large", disk.place / f"workspace/again-{number}")
    put(disk.place / "workspace/small", b"small")
    (disk.place / "state").mkdir()
    put(disk.place / "state/openclaw.sqlite", os.urandom(2 * MB))
    disk.running.folder = SmallDisk(disk.place)

    point = disk.save()

    assert point.incomplete_count == 5
    assert {"state/openclaw.sqlite", "workspace/small"} <= content(disk.next_machine()).keys()


def test_more_names_than_a_start_can_read_are_left_out_and_openclaws_own_comes_first(disk: Disk) -> None:
    many(disk.place / "workspace")
    (disk.place / "state").mkdir()
    put(disk.place / "state/ours")
    folder = DiskFolder(disk.place)

    kept, lost = fitting(folder.scan(), folder.capacity(), most=100_000)

    assert 500 < len(lost) < 1500
    assert "state/ours" in kept and not kept.keys() & lost.keys()


def test_a_file_that_grows_for_ever_ends_where_it_was(disk: Disk) -> None:
    path = disk.place / "workspace/log"
    put(path, os.urandom(3 * MB))
    reading = DiskFolder(disk.place).read("workspace/log")
    read = bytearray()
    for block in reading:
        read += block
        with path.open("ab") as file:
            file.write(os.urandom(2 * MB))
    assert bytes(read) == path.read_bytes()[: 3 * MB]


def test_a_file_that_shrinks_while_it_is_read_is_as_long_as_what_was_read(disk: Disk) -> None:
    path = disk.place / "workspace/log"
    put(path, os.urandom(3 * MB + 5))
    reading = DiskFolder(disk.place).read("workspace/log")
    read = [next(reading)]
    os.truncate(path, MB + 10)
    read += reading
    assert b"".join(read) == path.read_bytes()


@pytest.fixture
def nobodys() -> Iterator[Disk]:
    """Not root's, who may read everything; the bridge is not root."""
    place = Path(tempfile.mkdtemp(prefix="nobodys-"))
    root = os.geteuid() == 0
    if root:
        os.chown(place, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield Disk(place)
    finally:
        if root:
            os.seteuid(0)
        remove_tree(place)


def test_what_may_not_be_read_stays_as_it_was_and_is_named(nobodys: Disk) -> None:
    work = nobodys.place / "workspace"
    for folder in ("open", "closed", "names"):
        (work / folder).mkdir()
        put(work / folder / "inside", folder.encode())
    put(work / "secret", b"before")
    assert nobodys.save().incomplete == ()
    put(work / "new", b"never read")
    put(work / "secret", b"after")
    put(work / "open/inside", b"changed")
    closed = {"secret": 0, "new": 0, "closed": 0, "names": 0o400}
    for name, mode in closed.items():
        (work / name).chmod(mode)

    point = nobodys.save()
    there = nobodys.next_machine() / "workspace"

    assert point.incomplete == tuple(f"workspace/{name}" for name in sorted(closed))
    modes = {name: stat.S_IMODE((there / name).stat().st_mode) for name in ("secret", "closed", "names")}
    assert modes == {"secret": 0o640, "closed": 0, "names": 0o400}
    for name in modes:
        (there / name).chmod(0o700)
    found = {str(path.relative_to(there)): path.read_bytes() for path in there.rglob("*") if path.is_file()}
    assert found == {
        "secret": b"before",
        "open/inside": b"changed",
        "closed/inside": b"closed",
        "names/inside": b"names",
    }


def test_a_folder_that_allows_nothing_is_removed_however_deep(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    deep("d", 2500)(tree)
    (tree / "sealed/in").mkdir(parents=True)
    (tree / "link").symlink_to("/etc")
    (tree / "sealed").chmod(0)
    remove_tree(tree)
    assert not tree.exists() and Path("/etc/passwd").exists()


def test_a_limit_of_descriptors_is_no_limit_of_depth(disk: Disk) -> None:
    deep("d", 1000)(disk.place / "workspace")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 128), hard))
    try:
        assert disk.save().incomplete == ()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
