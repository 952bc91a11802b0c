"""Connections to the providers: over checked TLS, kept for the next call, through a proxy where there is one."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from container.bridge.relay.providers import ModelProvider
from container.bridge.relay.wire import END, HEAD_BYTES, parse_head, status_of

CONNECT = 10.0  # seconds
SEND = 60.0  # seconds in which the other side takes a piece
IDLE = 30.0  # seconds after which a connection is not used again: the other side may be closing it
MOST_IDLE = 8


def quiet(connection: socket.socket) -> socket.socket:
    """Sends at once; and who has vanished in a long silence is noticed."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
    return connection


@dataclass(frozen=True)
class Dialer:
    """Opens what a call goes through."""

    proxy: str = ""  # http://host:port of the network's own
    no_proxy: str = ""
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    _contexts: list[ssl.SSLContext] = field(default_factory=list, repr=False)

    def __call__(self, provider: ModelProvider) -> socket.socket:
        """Raises OSError."""
        if provider.plain:
            return quiet(socket.create_connection((provider.host, provider.port), CONNECT))
        connection = self._reach(provider.host, provider.port)
        try:
            return self._context().wrap_socket(connection, server_hostname=provider.host)
        except BaseException:
            connection.close()
            raise

    def _reach(self, host: str, port: int) -> socket.socket:
        bypassed = bool(self.no_proxy) and proxy_bypass_environment(host, {"no": self.no_proxy})
        if not self.proxy or bypassed:
            return quiet(socket.create_connection((host, port), CONNECT))
        parts = urlsplit(self.proxy)
        connection = quiet(socket.create_connection((parts.hostname or "", parts.port or 80), CONNECT))
        try:
            _tunnel(connection, f"{host}:{port}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _context(self) -> ssl.SSLContext:
        """Made when it is needed first: it takes some 20 ms."""
        if not self._contexts:
            self._contexts.append(self.trust())
        return self._contexts[0]


def _tunnel(connection: socket.socket, target: str) -> None:
    connection.sendall(f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n".encode())
    answer = b""
    while END not in answer:
        piece = connection.recv(1)  # not a byte of what comes behind
        if not piece or len(answer) > HEAD_BYTES:
            raise OSError("the proxy does not answer")
        answer += piece
    if status_of(parse_head(answer[: -len(END)])) != 200:  # noqa: PLR2004
        raise OSError(f"the proxy does not lead to {target}")


Dial = Callable[[ModelProvider], socket.socket]


class Pool:
    def __init__(self, dial: Dial, clock: Callable[[], float] = time.monotonic) -> None:
        self._dial, self._clock = dial, clock
        self._lock = threading.Lock()
        self._idle: dict[str, list[tuple[float, socket.socket]]] = {}
        self._closed = False

    def take(self, provider: ModelProvider) -> socket.socket:
        """Raises OSError."""
        while (connection := self._pop(provider)) is not None:
            if not select.select([connection], [], [], 0)[0]:
                connection.settimeout(SEND)
                return connection
            connection.close()  # what can be read now is its end
        connection = self._dial(provider)
        connection.settimeout(SEND)
        return connection

    def give(self, provider: ModelProvider, connection: socket.socket) -> None:
        with self._lock:
            idle = self._idle.setdefault(provider.name, [])
            idle.append((self._clock(), connection))
            surplus = len(idle) if self._closed else max(0, len(idle) - MOST_IDLE)
            dropped = idle[:surplus]
            del idle[:surplus]
        for _, old in dropped:
            old.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            kept = [connection for idle in self._idle.values() for _, connection in idle]
            self._idle.clear()
        for connection in kept:
            with suppress(OSError):
                connection.close()

    def _pop(self, provider: ModelProvider) -> socket.socket | None:
        with self._lock:
            idle = self._idle.get(provider.name, [])
            while idle:
                since, connection = idle.pop()
                if self._clock() - since < IDLE:
                    return connection
                connection.close()
        return None
