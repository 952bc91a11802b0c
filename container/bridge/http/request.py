"""A request of the bridge's own kind, read strictly, and the answer to it as bytes. No sockets."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.wrappers import Response

from chalicelib.domain.bridge import BODY_BYTES

HEADER_BYTES = 8192
LINE = re.compile(r"([A-Z]{3,7}) (/[!-~]*) HTTP/1\.1")
FIELD = re.compile(r"([A-Za-z0-9-]+):[ \t]*([ -~]*?)[ \t]*")
LENGTH = re.compile(r"[0-9]{1,4}")
# The same to the byte for whoever is not believed, whatever the reason is.
UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class RequestHead:
    method: str
    target: str  # path and query, as they were sent
    fields: dict[str, str]  # by name in lower case

    @property
    def length(self) -> int:
        return int(self.fields.get("content-length", "0"))

    def environ(self, body: bytes) -> dict[str, Any]:
        """As WSGI wants it."""
        path, _, query = self.target.partition("?")
        server = {"SERVER_NAME": "bridge", "SERVER_PORT": "8080", "SERVER_PROTOCOL": "HTTP/1.1", "SCRIPT_NAME": ""}
        wsgi = {"url_scheme": "https", "input": io.BytesIO(body), "errors": sys.stderr, "version": (1, 0)}
        wsgi |= {"multithread": True, "multiprocess": False, "run_once": False}
        asked = {
            "REQUEST_METHOD": self.method,
            "REQUEST_URI": self.target,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.fields.get("content-type", ""),
        }
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.fields.items()}
        return {**headers, **asked, **server, **{f"wsgi.{name}": value for name, value in wsgi.items()}}


def parse_head(head: bytes) -> RequestHead | None:
    """None for everything that our own doorbell does not send."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    line, found = LINE.fullmatch(first), [FIELD.fullmatch(each) for each in lines]
    fields = {each[1].lower(): each[2] for each in found if each}
    if line is None or len(fields) != len(lines) or "transfer-encoding" in fields:
        return None  # a line that is no header, or a header that comes twice
    length = fields.get("content-length", "0")
    if not LENGTH.fullmatch(length) or int(length) > BODY_BYTES:
        return None
    return RequestHead(line[1], line[2], fields)


def respond(app: Flask, environ: dict[str, Any]) -> bytes:
    answered = Response.from_app(app.wsgi_app, environ)
    if answered.status_code == HTTPStatus.UNAUTHORIZED:
        return UNAUTHORIZED
    body = answered.get_data()
    head = f"HTTP/1.1 {answered.status}\r\nContent-Type: {answered.content_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
