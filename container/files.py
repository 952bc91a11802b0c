"""Files in folders that a hostile program may write to as well: no link is followed, nothing blocks, little is read.

The agent and the bridge share two folders. Whatever lies there may be a link to a file of ours, a pipe that nobody
writes to, a folder, or gigabytes; and a name that can be foreseen may have been taken.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

SMALL = 4096  # bytes of what the containers say to each other
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
DRAFT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
LOCK = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
PRIVATE = 0o700


class NotAFile(OSError):
    """What lies there is none of ours: no regular file, or too large."""


def read_file(root: Path, path: str, limit: int = SMALL) -> bytes:
    """The regular file at `path` below `root`. Raises OSError, FileNotFoundError among them."""
    with _entered(root, path, make=False) as (held, name), closing(_Held(os.open(name, READ, dir_fd=held))) as file:
        facts = os.fstat(file.descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > limit:
            raise NotAFile(f"{path} is no file of at most {limit} bytes")
        content = os.read(file.descriptor, limit + 1)
    if len(content) > limit:
        raise NotAFile(f"{path} is no file of at most {limit} bytes")
    return content


def replace_below(root: Path, path: str, text: str) -> None:
    """Readers see the old text or the new one, never a part of it; whatever else was there is put away."""
    with _entered(root, path, make=True) as (held, name):
        draft = f".{name}.{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(draft, DRAFT, 0o600, dir_fd=held), "w") as file:
                file.write(text)
            _put(draft, name, held)
        except BaseException:
            with suppress(OSError):
                os.unlink(draft, dir_fd=held)
            raise


def make_folder(root: Path, path: str) -> None:
    """A folder of its own at `path` below `root`, and all above it; a link or a file in its place is put away."""
    with _entered(root, f"{path}/", make=True):
        return


def remove_below(root: Path, path: str) -> None:
    """Whatever lies there, a link itself rather than what it leads to; where it cannot be removed it is put away."""
    with suppress(OSError), _entered(root, path, make=False) as (held, name):
        if stat.S_ISDIR(os.stat(name, dir_fd=held, follow_symlinks=False).st_mode):
            shutil.rmtree(_put_away(name, held), ignore_errors=True, dir_fd=held)
        else:
            os.unlink(name, dir_fd=held)


def list_below(root: Path, path: str) -> list[str]:
    """The names in a folder; none where there is no folder, or a link to one."""
    with (
        suppress(OSError),
        _entered(root, f"{path}/" if path else "", make=False) as (held, _),
        os.scandir(held) as entries,
    ):
        return sorted(entry.name for entry in entries)
    return []


def is_file(root: Path, path: str) -> bool:
    """A regular file, reached without following a link."""
    with suppress(OSError), _entered(root, path, make=False) as (held, name):
        return stat.S_ISREG(os.stat(name, dir_fd=held, follow_symlinks=False).st_mode)
    return False


def hold(root: Path, path: str) -> int | None:
    """Holds a lock for as long as the descriptor is open, which ends with its process; None where that cannot be."""
    with suppress(OSError), _entered(root, path, make=True) as (held, name):
        descriptor = os.open(name, LOCK | os.O_CREAT, 0o600, dir_fd=held)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor
    return None


def is_held(root: Path, path: str) -> bool:
    """Does somebody, of any container that has this folder, hold it?"""
    try:
        with _entered(root, path, make=False) as (held, name), closing(_Held(os.open(name, LOCK, dir_fd=held))) as file:
            fcntl.flock(file.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


class _Held:
    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def close(self) -> None:
        os.close(self.descriptor)


@contextmanager
def _entered(root: Path, path: str, make: bool) -> Iterator[tuple[int, str]]:
    """The folder that holds the last name of `path`, and that name."""
    *above, name = path.split("/")
    if {".", ".."} & {*above, name}:
        raise NotAFile(f"{path} is no path below a folder")
    held = os.open(root, FOLDER)
    try:
        for part in above:
            inner = _made(part, held) if make else os.open(part, FOLDER, dir_fd=held)
            os.close(held)
            held = inner
        yield held, name
    finally:
        os.close(held)


def _made(name: str, held: int) -> int:
    try:
        return os.open(name, FOLDER, dir_fd=held)
    except FileNotFoundError:
        pass
    except NotADirectoryError:  # so says Linux of a link, too
        _put_away(name, held)
    except OSError:
        if not stat.S_ISLNK(os.stat(name, dir_fd=held, follow_symlinks=False).st_mode):
            raise
        _put_away(name, held)
    os.mkdir(name, PRIVATE, dir_fd=held)
    return os.open(name, FOLDER, dir_fd=held)


def _put(draft: str, name: str, held: int) -> None:
    try:
        os.replace(draft, name, src_dir_fd=held, dst_dir_fd=held)
    except (IsADirectoryError, NotADirectoryError, FileExistsError):
        _put_away(name, held)
        os.replace(draft, name, src_dir_fd=held, dst_dir_fd=held)


def _put_away(name: str, held: int) -> str:
    """Under a name that nobody looks for: a folder cannot be replaced, and may take long to remove."""
    away = f".{name}.{secrets.token_hex(8)}"
    os.rename(name, away, src_dir_fd=held, dst_dir_fd=held)
    return away
