"""S3's bad days, made by hand: while a file of this name lies in the state folder, S3 accepts no write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.web import answer, read_body

SIGN = "s3-refuses-writes"
READS = ("GET", "HEAD")
REFUSAL = b"<Error><Code>ServiceUnavailable</Code><Message>The state folder says so.</Message></Error>"


def refusing(app: WSGIApplication, sign: Path) -> WSGIApplication:
    def refused(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in READS or not sign.exists():
            return app(environ, start)
        read_body(environ)
        return answer(start, 503, REFUSAL, {"Content-Type": "application/xml"})

    return refused
