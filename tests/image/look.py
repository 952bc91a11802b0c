"""Sent to the agent's container, with one more line behind it that says what to look for, backwards: look([...])."""

import json
import os
from pathlib import Path

STATIC = ("/app", "/opt", "/usr", "/dev")  # as they were before there was a secret
RESULT = Path("/state/openclaw/home/look.json")


def look(backwards: list[str]) -> None:
    secrets = [word[::-1].encode() for word in backwards]
    everywhere = folders()
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    files = [path for root in everywhere if not str(root).startswith(STATIC) for path in listed(root)]
    files += [path / name for path in processes for name in ("environ", "cmdline")]
    lines = Path("/proc/self/status").read_text().splitlines()
    found = {
        "places": [str(path) for path in files if any(secret in read(path) for secret in secrets)],
        "uid": os.getuid(),
        "gid": os.getgid(),
        "capabilities": sum(int(line.split()[1], 16) for line in lines if line.startswith("Cap")),
        "writable": sorted({top(root) for root in everywhere if os.access(root, os.W_OK)}),
        "environs": {path.name: names(read(path / "environ")) for path in processes},
        "programs": [read(path / "cmdline").replace(b"\0", b" ").decode(errors="replace")[:200] for path in processes],
    }
    RESULT.write_text(json.dumps(found))


def folders() -> list[Path]:
    walked = []
    for root, below, _ in os.walk("/"):
        below[:] = [name for name in below if str(Path(root, name)) not in ("/proc", "/sys")]
        walked.append(Path(root))
    return walked


def listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file()]
    except OSError:
        return []


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def names(environ: bytes) -> list[str]:
    return [pair.split(b"=")[0].decode() for pair in environ.split(b"\0") if b"=" in pair]


def top(path: Path) -> str:
    depth = 3 if path.parts[1:2] == ("dev",) else 2
    return str(Path(*path.parts[:depth]))
