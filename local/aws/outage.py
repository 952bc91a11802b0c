"""AWS's bad days, made by hand: while a file of such a name lies in the state folder, S3 accepts no write; ECS starts
no task, in the words of the file: ECS's name of the error, a space, its message, "capacity" for a failure; or a task
fails before it runs, with the words of the file as its reason. When a file is touched, Spot takes back what runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.web import answer, read_body

SIGN = "s3-refuses-writes"
TASKS_SIGN = "ecs-refuses-tasks"
FAILING_SIGN = "ecs-fails-tasks"
SPOT_SIGN = "ecs-takes-back-tasks"
CAPACITY = "capacity"
READS = ("GET", "HEAD")
REFUSAL = b"<Error><Code>ServiceUnavailable</Code><Message>The state folder says so.</Message></Error>"


def read_refusal(sign: Path) -> tuple[str, str] | None:
    """Why no task is started today, if none is."""
    if not sign.exists():
        return None
    kind, _, words = sign.read_text().partition(" ")
    return kind, words


def read_failure(state: Path) -> str:
    """Why a task that was taken does not come to run today; empty if it does."""
    sign = state / FAILING_SIGN
    return sign.read_text() if sign.exists() else ""


def takes_back(state: Path, since: float) -> bool:
    """Has Spot wanted its machines back after this time, in seconds since the epoch?"""
    sign = state / SPOT_SIGN
    return sign.exists() and sign.stat().st_mtime > since


def refusing(app: WSGIApplication, sign: Path) -> WSGIApplication:
    def refused(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in READS or not sign.exists():
            return app(environ, start)
        read_body(environ)
        return answer(start, 503, REFUSAL, {"Content-Type": "application/xml"})

    return refused
