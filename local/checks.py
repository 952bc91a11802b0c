"""Looks before the start: each thing that cannot work is one clear line, and nothing is changed by looking."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from local.cloud.signing import key_path, load_key
from local.errors import DiskProblem, PortTaken
from local.store import check, store_path

NEEDED = 64 * 1024 * 1024  # bytes free: OpenClaw's state, the store and the logs of some days
PRIVATE = 0o700
PROBE = b"\0" * 65536


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise PortTaken(f"Port {port} may not be used by you: choose one from 1024 up.") from None
        except OSError:
            raise PortTaken(
                f"Port {port} is taken by another program: end that one, or choose another, make run PORT=9000."
            ) from None


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def check_disk(state: Path, free_space: Callable[[Path], int] = free_bytes) -> None:
    """The folder exists afterwards, and is its owner's alone."""
    try:
        state.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        _close(state)
        _write_probe(state / "probe")
    except OSError as error:
        problem = error.strerror or type(error).__name__
        raise DiskProblem(f"{state} cannot be written ({problem}): nothing was started or changed.") from None
    free = free_space(state)
    if free < NEEDED:
        raise DiskProblem(
            f"The disk under {state} is full ({free >> 20} MB free, {NEEDED >> 20} needed): make room first."
        )


def _close(state: Path) -> None:
    """Earlier versions left it open. What is in it is found through it alone, but may have been opened by name."""
    facts = state.stat()
    if facts.st_uid != os.getuid() or facts.st_mode & stat.S_ISVTX:
        raise DiskProblem(f"{state} is not yours alone: choose another folder with LOCAL_DIR. Nothing was changed.")
    state.chmod(PRIVATE)
    for path in (*state.iterdir(), *(state / "logs").rglob("*")):
        if path.is_symlink():
            continue
        with suppress(FileNotFoundError):  # a product that runs here makes and removes files
            path.chmod(PRIVATE if path.is_dir() else 0o600)


def check_state(state: Path) -> None:
    check(store_path(state))
    if key_path(state).exists():
        load_key(key_path(state))


def _write_probe(file: Path) -> None:
    try:
        with file.open("wb") as probe:
            probe.write(PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    finally:
        file.unlink(missing_ok=True)
