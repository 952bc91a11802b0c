"""Where a task listens: a loopback address of its own on port 8080, as on Fargate; else a free port."""

import random
import socket

BRIDGE_PORT = 8080
ATTEMPTS = 20


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def bridge_address() -> str:
    """By chance among 16 million, so that two products on one machine do not meet."""
    for _ in range(ATTEMPTS):
        host = f"127.{random.randint(1, 254)}.{random.randint(0, 254)}.{random.randint(2, 254)}"
        with socket.socket() as probe:
            try:
                probe.bind((host, BRIDGE_PORT))
            except OSError:
                continue  # in use, or a system (macOS) that has 127.0.0.1 alone
            return f"{host}:{BRIDGE_PORT}"
    return f"127.0.0.1:{free_port()}"
