"""The page's host, as CloudFront is on AWS: built files, config.json, strict headers, words for what is not there."""

from __future__ import annotations

import gzip
import json
import mimetypes
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

from local.cloud.config import CloudConfig
from local.cloud.headers import page_headers
from local.names import CLIENT_ID, STAGE
from local.web import answer

FOREVER = "public, max-age=31536000, immutable"  # files with a hash in their name
NOT_BUILT = b"The page is not built yet: run `make run`, or `npm run build` in frontend/.\n"
TEXT = ("text/", "application/json", "application/manifest", "image/svg")
QUERY = "%&=+/?:@!$'()*,;~"  # what stands for itself in a query
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}


def headers(config: CloudConfig) -> dict[str, str]:
    """The socket, and the bucket with what the page shows from there, are at addresses of their own."""
    return page_headers({"SocketApi": f"ws://localhost:{config.socket_port}", "DataBucket": config.endpoint})


def config(config: CloudConfig) -> dict[str, Any]:
    sign_in = {"authority": config.issuer, "clientId": CLIENT_ID, "scope": "openid email"}
    return {"stage": STAGE, "api": "/api", "socket": config.socket_url, "oidc": sign_in}


class PageHost:
    def __init__(self, config: CloudConfig, files: Path) -> None:
        self.config, self.files = config, files
        self.headers = headers(config)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        if not str(environ.get("HTTP_HOST", "")).startswith("localhost"):
            asked = quote(str(environ.get("QUERY_STRING", "")), safe=QUERY, encoding="latin-1")
            query = f"?{asked}" if asked else ""
            # Where the tokens live.
            return answer(start, 307, b"", {"Location": self.config.origin + quote(path, encoding="latin-1") + query})
        if path == "/config.json":
            return self._send(environ, start, 200, json.dumps(config(self.config)).encode(), "application/json")
        return self._file(environ, start, path)

    def _file(self, environ: WSGIEnvironment, start: StartResponse, path: str) -> Iterable[bytes]:
        if not (self.files / "index.html").is_file():
            return self._send(environ, start, 503, NOT_BUILT, "text/plain")
        file = self._find(path)
        if file is None:
            return self._missing(environ, start, path)
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        caching = FOREVER if path.startswith("/assets/") else "no-cache"
        return self._send(environ, start, 200, file.read_bytes(), kind, caching)

    def _missing(self, environ: WSGIEnvironment, start: StartResponse, path: str) -> Iterable[bytes]:
        """A person who came here by a wrong address reads how to go on; a file that is gone is just not there."""
        told = self.files / "404.html"
        if "." in path.rpartition("/")[2] or not told.is_file():
            return self._send(environ, start, 404, b"Not found\n", "text/plain")
        return self._send(environ, start, 404, told.read_bytes(), "text/html")

    def _find(self, path: str) -> Path | None:
        if "\0" in path:  # of which no file's name can have one
            return None
        file = (self.files / (path.lstrip("/") or "index.html")).resolve()
        return file if file.is_file() and file.is_relative_to(self.files.resolve()) else None

    def _send(
        self,
        environ: WSGIEnvironment,
        start: StartResponse,
        status: int,
        body: bytes,
        kind: str,
        caching: str = "no-store",
    ) -> Iterable[bytes]:
        fields = {**self.headers, "Content-Type": _with_charset(kind), "Cache-Control": caching}
        if kind.startswith((*TEXT,)) and "gzip" in str(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body, fields["Content-Encoding"], fields["Vary"] = _packed(body), "gzip", "Accept-Encoding"
        result = answer(start, status, body, fields)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else result


def _with_charset(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


@lru_cache(64)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body)
