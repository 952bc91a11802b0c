"""Whatever a disk can hold: saved, restored byte for byte, or left out with its name told. On a real disk."""

from __future__ import annotations

import os
import resource
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.archive import lay_out
from chalicelib.domain.generations import Kind, Point
from container.bridge.backup import fitting
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.generations import Generations
from container.bridge.backup.walk import remove_tree
from tests.fakes.backup import in_turn
from tests.fakes.clock import FakeClock
from tests.fakes.objects import MemoryObjects

Make = Callable[[Path], None]
MB = 1024 * 1024
NOBODY = 65534
ODD_TIME = 1_234_567_890_123_000_000  # nanoseconds


class Disk:
    """A state folder that is saved, and restored on the next machine."""

    def __init__(self, place: Path) -> None:
        self.place, self.bucket, self.epoch = place / "state", BackupBucket("ada", MemoryObjects(FakeClock())), 0
        (self.place / "workspace").mkdir(parents=True)
        self.start(self.place)

    def start(self, folder: Path) -> Generations:
        self.epoch += 1
        self.running = Generations(self.bucket, self.epoch, DiskFolder(folder), FakeClock(), in_turn)
        self.running.restore()
        return self.running

    def save(self) -> Point:
        self.running.add(Kind.ASKED)
        self.running.verify()
        return self.point

    @property
    def point(self) -> Point:
        head = self.bucket.read().manifest.head
        assert head
        return head

    def next_machine(self) -> Path:
        folder = self.place.with_name(f"next-{self.epoch}")
        self.start(folder)
        return folder


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    yield Disk(tmp_path)
    remove_tree(tmp_path)


def content(root: Path, modes: int = 0o7777) -> Mapping[str, object]:
    """All that is below, however deep, without following anything. `modes`: the bits of theirs that count."""
    found: dict[str, object] = {}
    todo = [("", os.open(root, os.O_RDONLY))]
    while todo:
        under, held = todo.pop()
        names = os.listdir(held)  # noqa: PTH208  a descriptor is no path
        for name in (each for each in names if not each.endswith("-shm")):  # made anew by whoever reads
            facts, path = os.stat(name, dir_fd=held, follow_symlinks=False), f"{under}/{name}".strip("/")
            mode = stat.S_IMODE(facts.st_mode) & modes
            if stat.S_ISDIR(facts.st_mode):
                found[path] = ("folder", mode)
                todo.append((path, os.open(name, os.O_RDONLY, dir_fd=held)))
            elif stat.S_ISLNK(facts.st_mode):
                found[path] = ("link", os.readlink(name, dir_fd=held))
            elif stat.S_ISREG(facts.st_mode):
                with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=held), "rb") as file:
                    found[path] = ("file", mode, facts.st_mtime_ns // 1_000_000, file.read())
        os.close(held)
    return found


def put(path: Path, content: bytes = b"text", mode: int = 0o640) -> None:
    path.write_bytes(content)
    path.chmod(mode)
    os.utime(path, ns=(ODD_TIME, ODD_TIME))


def named(*names: str | bytes) -> Make:
    def make(folder: Path) -> None:
        for name in names:
            put(folder / os.fsdecode(name), os.urandom(5000))

    return make


def deep(name: str, levels: int) -> Make:
    """By steps, as a program does that changes into each folder."""

    def make(folder: Path) -> None:
        held = os.open(folder, os.O_RDONLY)
        for _ in range(levels):
            os.mkdir(name, dir_fd=held)
            inner = os.open(name, os.O_RDONLY, dir_fd=held)
            os.close(held)
            held = inner
        with os.fdopen(os.open("leaf", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=held), "wb") as file:
            file.write(b"deep")
        os.close(held)

    return make


def links(folder: Path) -> None:
    for name, target in {
        "out": "/etc/passwd",
        "above": "../../../..",
        "circle": "circle",
        "one": "two",
        "two": "one",
        "nowhere": "x" * 4000,
        "newline": "a\nb",
        "bytes": os.fsdecode(b"\xff\xfe"),
        "spaces": " . ",
    }.items():
        (folder / name).symlink_to(target)


def hard_links(folder: Path) -> None:
    put(folder / "first", os.urandom(9000))
    os.link(folder / "first", folder / "second")


def modes(folder: Path) -> None:
    for number, mode in enumerate((0o400, 0o444, 0o555, 0o600, 0o777, 0o1644, 0o2755, 0o4755)):
        put(folder / f"file-{number}", b"x", mode)
    for number, mode in enumerate((0o500, 0o555, 0o700, 0o1777, 0o2755)):
        (folder / f"folder-{number}").mkdir()
        put(folder / f"folder-{number}/inside")
        (folder / f"folder-{number}").chmod(mode)


def sparse(folder: Path) -> None:
    with (folder / "sparse").open("wb") as file:
        file.truncate(40 * MB + 17)
        file.seek(20 * MB + 5)
        file.write(b"an island")


def times(folder: Path) -> None:
    for name, at in {"before 1970": -ODD_TIME, "zero": 0, "far": 9_000_000_000_000_000_000}.items():
        put(folder / name)
        os.utime(folder / name, ns=(at, at))


def sizes(folder: Path) -> None:
    for size in (0, 1, 4095, 4096, 4097, 8192, MB - 1, MB, MB + 1, 9 * MB):
        put(folder / str(size), os.urandom(size))


def like_a_database(folder: Path) -> None:
    put(folder / "short.db", b"SQLite format 3\0")
    put(folder / "short.db-wal", b"beside it")
    put(folder / ("n" * 251 + ".db"), b"SQLite format 3\0" + b"\xff" * 9000)
    put(folder / "broken.db", b"SQLite format 3\0\x10\0" + b"\xff" * 9000)
    put(folder / "broken.db-wal", b"beside it")
    put(folder / "alone-wal", b"beside nothing")


def many(folder: Path) -> None:
    for number in range(1500):
        put(folder / f"{number}", b"%d" % number)


CORPUS: Mapping[str, Make] = {
    "nothing": lambda folder: None,
    "names of 255 bytes": named("n" * 255, "한" * 85, "🦞" * 63),
    "names that are nearly others": named("...", " .", ".. ", "trailing ", " leading", "A", "a", "É", "é", "e\u0301"),
    "control characters": named("new\nline", "tab\t", "bell\a", "escape\x1b[31m", "del\x7f", "nel\x85", "rtl\u202e"),
    "what other programs take for theirs": named("-rf", "*", "?", "a:b", "a\\b", '"', "'", "$HOME", "%2e%2e", "#", "~"),
    "bytes that are no UTF-8": named(b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"a\xc0\xafb", b"\x80" * 255),
    "our own words": named("state.restoring", "state.before", "manifest.json", "draft 0", "README.txt"),
    "short names, deep": deep("d", 1900),
    "long names, deep": deep("n" * 255, 15),
    "links": links,
    "hard links": hard_links,
    "modes": modes,
    "a sparse file": sparse,
    "times": times,
    "sizes": sizes,
    "what is no database": like_a_database,
    "many": many,
}
MANY = ("many", "short names, deep")


@pytest.mark.parametrize("under", ["workspace", "agents/main", "state", ""])
@pytest.mark.parametrize("kind", [kind for kind in CORPUS if kind not in MANY])
def test_whatever_is_in_the_folder_is_restored_byte_for_byte(disk: Disk, kind: str, under: str) -> None:
    (disk.place / under).mkdir(parents=True, exist_ok=True)
    CORPUS[kind](disk.place / under)

    point = disk.save()

    if kind != "what is no database" or under in ("", "workspace"):  # OpenClaw's own that is damaged is named
        assert (point.incomplete, disk.running.lost) == ((), {})
    assert content(disk.next_machine()) == content(disk.place, modes=0o777), "without setuid, setgid and sticky bits"


@pytest.mark.parametrize("kind", MANY)
def test_many_files_and_folders_are_restored(disk: Disk, kind: str) -> None:
    CORPUS[kind](disk.place / "workspace")
    assert disk.save().incomplete == ()
    assert content(disk.next_machine()) == content(disk.place)


NAMES = st.binary(min_size=1, max_size=255).filter(lambda name: not set(name) & {0, 47} and name not in (b".", b".."))


@given(st.dictionaries(NAMES, st.binary(max_size=9000), max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_names_and_contents_are_restored(
    tmp_path_factory: pytest.TempPathFactory, files: Mapping[bytes, bytes]
) -> None:
    disk = Disk(tmp_path_factory.mktemp("any"))
    for name, body in files.items():
        put(disk.place / "workspace" / os.fsdecode(name), body)
    disk.save()
    assert (
        content(disk.next_machine()).items()
        >= {path: facts for path, facts in content(disk.place).items() if path in disk.running.folder.scan()}.items()
    )


@pytest.mark.parametrize("kind", CORPUS)
def test_whatever_is_saved_can_be_taken_home(disk: Disk, kind: str) -> None:
    CORPUS[kind](disk.place / "workspace")
    listing = disk.bucket.listing(disk.save().listing)
    assert lay_out(listing)


def test_a_sparse_file_stays_sparse(disk: Disk) -> None:
    sparse(disk.place / "workspace")
    disk.save()
    assert (disk.next_machine() / "workspace/sparse").stat().st_blocks * 512 < MB


def test_what_has_no_bytes_is_named_and_nothing_to_worry_about(disk: Disk) -> None:
    os.mkfifo(disk.place / "workspace/pipe")
    put(disk.place / "workspace/here")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(disk.place / "workspace/socket"))
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


def test_more_names_than_a_start_can_read_are_left_out_and_counted(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    many(disk.place / "workspace")
    (disk.place / "state").mkdir()
    put(disk.place / "state/ours")
    monkeypatch.setattr(fitting, "LONGEST_PATHS", 100_000)

    point = disk.save()

    assert 500 < point.incomplete_count < 1500 and len(point.incomplete) == 20
    assert "state/ours" in content(disk.next_machine())


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
