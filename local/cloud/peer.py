"""Whose a connection is: on one machine the system knows which account holds the other end of it.

Linux lists it in /proc. Elsewhere `lsof`, which comes with macOS, shows the connections of our own account. Where
neither tells, nobody is taken for the owner.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
MAPPED = "0000000000000000FFFF0000"  # before an IPv4 address in the table of IPv6
LOOKS = 3  # a table that changes while it is read may leave out a row
LSOF_TIMEOUT = 5.0
LOCAL, REMOTE, UID, INODE = 1, 2, 7, 9  # columns


@dataclass(frozen=True)
class Ends:
    """A connection as its other end sees it."""

    peer: tuple[str, int]
    server: tuple[str, int]


def is_own(ends: Ends, account: int, tables: tuple[Path, ...] = TABLES) -> bool:
    """Whether `account`, or root, holds the other end."""
    if not tables[0].exists():
        return _shown_by_lsof(ends, account)
    return any(owner in (account, 0) for _ in range(LOOKS) for owner in _owners(ends, tables))


def _owners(ends: Ends, tables: tuple[Path, ...]) -> Iterator[int]:
    """A connection that nobody holds any more has no inode, and its account reads as root's."""
    wanted = [_hex(ends.peer), _hex(ends.server)]
    for row in (row for row in _rows(tables) if len(row) > INODE):
        if [row[LOCAL].removeprefix(MAPPED), row[REMOTE].removeprefix(MAPPED)] == wanted and row[INODE] != "0":
            yield int(row[UID])


def _rows(tables: tuple[Path, ...]) -> Iterator[list[str]]:
    for table in tables:
        with suppress(OSError):  # where it may not be read, nobody is taken for the owner
            yield from (line.split() for line in table.read_text().splitlines()[1:])


def _hex(end: tuple[str, int]) -> str:
    """As the kernel prints it: the address as a number of this machine's byte order."""
    address = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return f"{address:08X}:{end[1]:04X}"


def _shown_by_lsof(ends: Ends, account: int) -> bool:
    (host, port), server = ends.peer, ends.server
    command = ["lsof", "-nP", "-a", f"-u{account}", f"-iTCP@{host}:{port}", "-Fn"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=LSOF_TIMEOUT, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    return f"n{host}:{port}->{server[0]}:{server[1]}" in said.splitlines()
