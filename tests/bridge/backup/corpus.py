"""Whatever a folder can hold, by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bridge.backup.disks import MB, ODD_TIME, put

Make = Callable[[Path], None]


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
