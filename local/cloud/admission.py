"""Who may sign in on this machine: programs of the owner's account, and whoever brings the address that was printed.

A port of loopback is open to every account. Where the system tells that the other end is the owner's, nothing is asked,
so that http://localhost:8787 is enough. Elsewhere the printed address carries a secret, as Jupyter's does; it is good
for one sign-in, and a file that the owner alone can read always has the next one.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

from local.cloud.notice import answer_notice
from local.cloud.peer import Ends, is_own
from local.web import answer

COOKIE = "sign-in"
# For the sign-in alone, and soon gone: other ports of this machine get to see cookies, too.
SCOPE = "Path=/oidc/authorize; Max-Age=120; HttpOnly; SameSite=Strict"
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

IsOwn = Callable[[WSGIEnvironment], bool]


def is_own_peer(environ: WSGIEnvironment) -> bool:
    peer = str(environ.get("REMOTE_ADDR", "")), int(environ.get("REMOTE_PORT") or 0)
    server = "127.0.0.1", int(environ["SERVER_PORT"])
    return is_own(Ends(peer, server), os.getuid())


@dataclass
class Admission:
    """`file` holds the next address."""

    file: Path
    origin: str
    is_own: IsOwn = is_own_peer
    _secret: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._renew()

    @property
    def address(self) -> str:
        return f"{self.origin}/sign-in/{self._secret}"

    def admits(self, environ: WSGIEnvironment) -> bool:
        """May this browser sign in? A secret is used up by that."""
        if self.is_own(environ):
            return True
        with self._lock:
            if not self._is_secret(_cookie(environ)):
                return False
            self._renew()
            return True

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """`/<secret>` and, behind it, the path to go to. Whoever only looks at it uses nothing up."""
        given, _, path = str(environ["PATH_INFO"]).lstrip("/").partition("/")
        headers = {"Location": f"{self.origin}/{quote(path.encode('latin-1').lstrip(b'/'))}", **NO_STORE}
        if self._is_secret(given):
            return answer(start, 302, b"", {**headers, "Set-Cookie": f"{COOKIE}={given}; {SCOPE}"})
        if self.is_own(environ):  # an old address, and needs none
            return answer(start, 302, b"", headers)
        return answer_notice(start, "sign_in")

    def _is_secret(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), self._secret.encode())

    def _renew(self) -> None:
        self._secret = secrets.token_urlsafe(24)
        draft = self.file.with_name(f"{self.file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{self.address}\n")
        draft.replace(self.file)


def _cookie(environ: WSGIEnvironment) -> str:
    try:
        found = SimpleCookie(str(environ.get("HTTP_COOKIE", ""))).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def address_path(state: Path) -> Path:
    return state / "address"
