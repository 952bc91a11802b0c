"""Sent to the agent's container, with one more line behind it that says what to look for, backwards: look([...])."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

STATIC = ("/app", "/opt", "/usr", "/dev")  # as they were before there was a secret
RESULT = Path("/state/openclaw/home/look.json")
METADATA = (("169.254.169.254", 80), ("169.254.170.2", 80))
LISTENS = "0A"
CHUNK, OVERLAP = 1 << 22, 1 << 8  # bytes
ASKS = (
    *("GET / ", "GET /_log ", "GET /api/status ", "GET /v1/models ", "GET /?list-type=2 ", "GET /sign-in/x "),
    *("GET /oidc/authorize?response_type=code&client_id=local ", "GET /status ", "GET /readyz ", "POST / "),
)


def look(backwards: list[str]) -> None:
    secrets = [word[::-1].encode() for word in backwards]
    everywhere = folders()
    processes = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
    files = [path for root in everywhere if not str(root).startswith(STATIC) for path in listed(root)]
    files += [path / name for path in processes for name in ("environ", "cmdline")]
    lines = Path("/proc/self/status").read_text().splitlines()
    everything = {str(path): read(path) for path in files}
    everything |= {
        f"memory of {path.name}": marks(path, secrets) for path in processes if path.name != str(os.getpid())
    }
    everything |= {f"port {port}": heard(("127.0.0.1", port)) for port in ports()}
    everything |= {f"metadata of {host}": heard((host, port)) for host, port in METADATA}
    found = {
        "places": [name for name, content in everything.items() if any(secret in content for secret in secrets)],
        "memories": sum(name.startswith("memory") and content != b"" for name, content in everything.items()),
        "ports": [name for name, content in everything.items() if name.startswith("port") and content],
        "uid": os.getuid(),
        "gid": os.getgid(),
        "capabilities": sum(int(line.split()[1], 16) for line in lines if line.startswith("Cap")),
        "writable": sorted({top(root) for root in everywhere if os.access(root, os.W_OK)}),
        "environs": {path.name: names(read(path / "environ")) for path in processes},
        "programs": [read(path / "cmdline").replace(b"\0", b" ").decode(errors="replace")[:200] for path in processes],
    }
    draft = RESULT.with_suffix(".draft")
    draft.write_text(json.dumps(found))
    draft.replace(RESULT)


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


def marks(process: Path, secrets: list[bytes]) -> bytes:
    """Those secrets that are in its memory, and a byte for each piece of it that could be read."""
    found = b""
    try:
        with (process / "mem").open("rb", 0) as memory:
            for line in (process / "maps").read_text().splitlines():
                begin, end = (int(each, 16) for each in line.split()[0].split("-"))
                if line.split()[1].startswith("rw"):
                    found += b"".join(b"." + seen(piece, secrets) for piece in pieces(memory, begin, end))
    except OSError:
        pass
    return found


def seen(piece: bytes, secrets: list[bytes]) -> bytes:
    return b"".join(secret for secret in secrets if secret in piece)


def pieces(memory: BinaryIO, begin: int, end: int) -> Iterator[bytes]:
    """They overlap, so that nothing is in two."""
    for at in range(begin, end, CHUNK):
        try:
            memory.seek(at)
            yield memory.read(min(end - at, CHUNK + OVERLAP))
        except (OSError, OverflowError, ValueError):
            return


def ports() -> list[int]:
    """All that listen where the agent may knock."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in read(Path("/proc/net", name)).decode().splitlines()]
    return sorted({int(words[1].rpartition(":")[2], 16) for words in lines if words[3:4] == [LISTENS]})


def heard(where: tuple[str, int]) -> bytes:
    """All that one is told there without a key."""
    return b"".join(told(where, ask) for ask in ASKS)


def told(where: tuple[str, int], ask: str) -> bytes:
    said = b""
    try:
        with socket.create_connection(where, timeout=1) as caller:
            host = f"localhost:{where[1]}"
            caller.sendall(f"{ask}HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            while part := caller.recv(1 << 16):
                said += part
    except OSError:
        pass
    return said


def names(environ: bytes) -> list[str]:
    return [pair.split(b"=")[0].decode() for pair in environ.split(b"\0") if b"=" in pair]


def top(path: Path) -> str:
    depth = 3 if path.parts[1:2] == ("dev",) else 2
    return str(Path(*path.parts[:depth]))
