"""HTTP/1.1 as bytes: heads are read and made anew, bodies are only followed to their end. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

END = b"\r\n\r\n"
HEAD_BYTES = 64 * 1024
LINE_BYTES = 1024
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Of one connection, not of the message (RFC 9110, 7.6.1).
HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "upgrade")
)
Headers = tuple[tuple[str, str], ...]


class Malformed(Exception):
    """These bytes are no HTTP/1.1 that two readers would understand alike."""


@dataclass(frozen=True)
class HttpHead:
    start: str
    headers: Headers

    def get(self, name: str) -> str | None:
        """Raises Malformed where it stands twice."""
        found = [value for each, value in self.headers if each.lower() == name]
        if len(found) > 1:
            raise Malformed(f"{name} stands twice")
        return found[0] if found else None

    def without(self, names: frozenset[str]) -> Headers:
        return tuple((name, value) for name, value in self.headers if name.lower() not in names)

    @property
    def closes(self) -> bool:
        said = ",".join(value for name, value in self.headers if name.lower() == "connection").lower()
        return "close" in said or " HTTP/1.0" in self.start or self.start.startswith("HTTP/1.0")


def parse_head(raw: bytes) -> HttpHead:
    """Without the empty line. Raises Malformed."""
    try:
        first, *lines = raw.decode("latin-1").split("\r\n")
        pairs = [line.split(":", 1) for line in lines]
        headers = tuple((name, value.strip(" \t")) for name, value in pairs)
    except ValueError:
        raise Malformed("a header without a colon") from None
    if any(not NAME.fullmatch(name) or set(value) & {"\r", "\n", "\0"} for name, value in headers):
        raise Malformed("a header that is none")
    if set(first) & {"\r", "\n", "\0"}:
        raise Malformed("a first line that is none")
    return HttpHead(first, headers)


def render_head(start: str, headers: Headers) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + END


class Body(Protocol):
    done: bool
    rest: bytes  # came behind the end

    def feed(self, data: bytes) -> bytes:
        """What of it is content; empty `data` is the end of the connection. Raises Malformed."""


class Sized:
    def __init__(self, length: int) -> None:
        self.left = length
        self.done, self.rest = length == 0, b""

    def feed(self, data: bytes) -> bytes:
        if not data and not self.done:
            raise Malformed("it broke off")
        content, self.rest = data[: self.left], data[self.left :]
        self.left -= len(content)
        self.done = self.left == 0
        return content


class Unbounded:
    """To the end of the connection."""

    done, rest = False, b""

    def feed(self, data: bytes) -> bytes:
        self.done = not data
        return data


class Chunked:
    def __init__(self) -> None:
        self.done, self.rest = False, b""
        self._left, self._behind, self._trailing = 0, False, False

    def feed(self, data: bytes) -> bytes:
        if not data and not self.done:
            raise Malformed("it broke off")
        self.rest += data
        content = []
        while self.rest and not self.done:
            if self._left:
                content.append(self._take())
            elif not self._next_line():
                break
        return b"".join(content)

    def _take(self) -> bytes:
        taken, self.rest = self.rest[: self._left], self.rest[self._left :]
        self._left -= len(taken)
        self._behind = self._left == 0
        return taken

    def _next_line(self) -> bool:
        """False when more must come first."""
        line, mark, rest = self.rest.partition(b"\r\n")
        if not mark or len(line) > LINE_BYTES:
            if len(line) > LINE_BYTES:
                raise Malformed("a chunk without a size")
            return False
        self.rest = rest
        self._read(line)
        return True

    def _read(self, line: bytes) -> None:
        if self._trailing:
            self.done = not line
        elif self._behind:
            if line:
                raise Malformed("a chunk that is longer than it says")
            self._behind = False
        else:
            size = line.partition(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
                raise Malformed("a chunk without a size")
            self._left = int(size, 16)
            self._trailing = self._left == 0


def body_of(head: HttpHead, otherwise: Body) -> Body:
    """`otherwise`: where the head does not say how long it is. Raises Malformed."""
    length, coding = head.get("content-length"), head.get("transfer-encoding")
    if coding is not None:
        if length is not None or coding.lower() != "chunked":
            raise Malformed("two lengths, or a coding that is unknown")
        return Chunked()
    if length is None:
        return otherwise
    if not re.fullmatch(r"[0-9]{1,12}", length):
        raise Malformed("a length that is none")
    return Sized(int(length))


def answer_body(head: HttpHead) -> Body:
    status = status_of(head)
    if status in (204, 304) or 100 <= status < 200:  # noqa: PLR2004
        return Sized(0)
    return body_of(head, Unbounded())


def status_of(head: HttpHead) -> int:
    found = re.fullmatch(r"HTTP/1\.[01] ([0-9]{3})( .*)?", head.start)
    if not found:
        raise Malformed("no HTTP/1.1")
    return int(found[1])
