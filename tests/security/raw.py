"""Requests as anybody can send them, byte by byte: no library mends what is wrong with them."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass

TIMEOUT = 10.0


@dataclass(frozen=True)
class Answer:
    status: int  # 0: nothing was answered
    head: str
    body: bytes

    def header(self, name: str) -> list[str]:
        lines = (line.partition(":") for line in self.head.split("\r\n")[1:])
        return [value.strip() for key, _, value in lines if key.lower() == name.lower()]


def say(address: tuple[str, int], request: bytes, tls: bool = False) -> Answer:
    """Sends it and reads what is answered."""
    with closing(socket.create_connection(address, timeout=TIMEOUT)) as plain, _wrapped(plain, tls) as caller:
        caller.sendall(request)
        return _read(caller)


def ask(
    address: tuple[str, int],
    method: str = "GET",
    path: str = "/",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    tls: bool = False,
) -> Answer:
    fields = {"Host": f"localhost:{address[1]}", "Connection": "close", **(headers or {})}
    if body or method in ("POST", "PUT"):
        fields = {"Content-Length": str(len(body)), **fields}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return say(address, f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body, tls)


def _wrapped(plain: socket.socket, tls: bool) -> socket.socket:
    if not tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def _read(caller: socket.socket) -> Answer:
    content = b""
    with suppress(ConnectionError, TimeoutError):
        while not _is_whole(content) and (part := caller.recv(65536)):
            content += part
    head, _, body = content.partition(b"\r\n\r\n")
    words = head.decode("latin-1").split(" ")
    return Answer(int(words[1]) if len(words) > 1 else 0, head.decode("latin-1"), body)


def _is_whole(content: bytes) -> bool:
    """As far as it says so itself."""
    head, end, body = content.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    if end and b" 101 " in head.partition(b"\r\n")[0]:
        return True
    if end and length:
        return len(body) >= int(length[1])
    return b"chunked" in head.lower() and body.endswith(b"0\r\n\r\n")
