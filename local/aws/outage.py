"""AWS's bad days, made by hand: while a file of such a name lies in the state folder, S3 accepts no write, or ECS
starts no task, in the words of the file: ECS's name of the error, a space, its message; "capacity" for a failure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.web import answer, read_body

SIGN = "s3-refuses-writes"
TASKS_SIGN = "ecs-refuses-tasks"
CAPACITY = "capacity"
READS = ("GET", "HEAD")
REFUSAL = b"<Error><Code>ServiceUnavailable</Code><Message>The state folder says so.</Message></Error>"


def read_refusal(sign: Path) -> tuple[str, str] | None:
    """Why no task is started today, if none is."""
    if not sign.exists():
        return None
    kind, _, words = sign.read_text().partition(" ")
    return kind, words


def refusing(app: WSGIApplication, sign: Path) -> WSGIApplication:
    def refused(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in READS or not sign.exists():
            return app(environ, start)
        read_body(environ)
        return answer(start, 503, REFUSAL, {"Content-Type": "application/xml"})

    return refused
