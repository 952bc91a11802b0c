"""A registry of images on loopback, by version 2 of its protocol, behind a password: what ECR is to Docker."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

USER = "AWS"


class Registry(ThreadingHTTPServer):
    """Blobs are files, by their digest; manifests too, and their names lead to them."""

    daemon_threads = True

    def __init__(self, folder: Path, password: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.key = base64.b64encode(f"{USER}:{password}".encode()).decode()  # as Docker's configuration has it
        self.manifests: dict[str, tuple[str, bytes]] = {}  # by tag and by digest: media type, content

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def blob(self, digest: str) -> Path:
        return self.folder / digest.replace(":", "-")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def log_message(self, format: str, *args: object) -> None:
        """Docker tells what matters."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != f"Basic {self.server.key}":
            self._say(HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": 'Basic realm="images"'})
        elif "/blobs/" in self.path:
            self._send_blob(self.server.blob(self.path.rpartition("/")[2]))
        elif "/manifests/" in self.path:
            self._send_manifest(self.path.rpartition("/")[2])
        else:
            self._say(HTTPStatus.OK)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        upload = self.server.folder / f"upload-{uuid.uuid4().hex}"
        upload.write_bytes(b"")
        self._say(HTTPStatus.ACCEPTED, {"Location": f"http://{self.server.host}{self.path}{upload.name}"})

    def do_PATCH(self) -> None:
        with (self.server.folder / self.path.rpartition("/")[2]).open("ab") as file:
            self._receive(file)
            end = max(file.tell() - 1, 0)
        self._say(HTTPStatus.ACCEPTED, {"Location": f"http://{self.server.host}{self.path}", "Range": f"0-{end}"})

    def do_PUT(self) -> None:
        if "/manifests/" in self.path:
            digest = self._keep_manifest(self.path.rpartition("/")[2])
        else:
            digest = self._keep_blob(self.path)
        status = HTTPStatus.CREATED if digest else HTTPStatus.BAD_REQUEST
        self._say(status, {"Docker-Content-Digest": digest})

    def _keep_manifest(self, tag: str) -> str:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        for name in (tag, digest):
            self.server.manifests[name] = (self.headers["Content-Type"], content)
        return digest

    def _keep_blob(self, place: str) -> str:
        """Its digest; empty if it is not what Docker says it is."""
        found = re.search(r"/(upload-\w+)\?digest=(.+)", unquote(place))
        assert found
        upload, digest = self.server.folder / found[1], found[2]
        with upload.open("ab") as file:
            self._receive(file)
        with upload.open("rb") as file:
            right = digest == f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        upload.rename(self.server.blob(digest))
        return digest if right else ""

    def _receive(self, file: BinaryIO) -> None:
        if self.headers.get("Transfer-Encoding") != "chunked":
            file.write(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            return
        while size := int(self.rfile.readline(), 16):
            file.write(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()

    def _send_blob(self, path: Path) -> None:
        if path.exists():
            self._say(HTTPStatus.OK, {"Content-Type": "application/octet-stream"}, path.read_bytes())
        else:
            self._say(HTTPStatus.NOT_FOUND)

    def _send_manifest(self, name: str) -> None:
        if name in self.server.manifests:
            kind, content = self.server.manifests[name]
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            self._say(HTTPStatus.OK, {"Content-Type": kind, "Docker-Content-Digest": digest}, content)
        else:
            self._say(HTTPStatus.NOT_FOUND)

    def _say(self, status: HTTPStatus, headers: dict[str, str] | None = None, content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def registry(folder: Path, password: str) -> Iterator[Registry]:
    with Registry(folder, password) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
