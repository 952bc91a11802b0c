"""One endpoint for all services: by the request's target to DynamoDB, SSM, ECS, else to S3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import s3_backends

from local.aws import rights, sts
from local.aws.access import NOT_ALLOWED, Access, is_for_sts, keyed, refuse
from local.aws.checksums import compared
from local.aws.contention import troubled
from local.aws.forms import guarded, is_form
from local.aws.outage import SIGN, refusing
from local.aws.policy import Call
from local.aws.rights import Asked
from local.aws.s3 import DurableS3
from local.aws.sessions import LONGEST, Sessions
from local.names import ACCOUNT
from local.store import SqliteStore
from local.web import read_body

SERVICES = {"DynamoDB": "dynamodb", "AmazonSSM": "ssm", "AmazonEC2ContainerService": "ecs"}
ASKED: Mapping[str, Asked] = {
    "dynamodb": rights.asked_of_dynamodb,
    "ssm": rights.asked_of_ssm,
    "ecs": rights.asked_of_ecs,
    "sts": rights.asked_of_sts,
    "s3": rights.asked_of_s3,
}


def build(
    store: SqliteStore, ecs: WSGIApplication, state: Path, access: Access, longest: timedelta = LONGEST
) -> WSGIApplication:
    """`state`: where signs of bad days lie. `longest`: how long a session of a role is good at most."""
    apps = {
        "dynamodb": troubled(_moto("dynamodb"), state),
        "ssm": _moto("ssm"),
        "s3": refusing(guarded(compared(_saving(_moto("s3"))), access), state / SIGN),
    }
    apps = {service: _serialised(store, app) for service, app in apps.items()} | {
        "s3": hiding(_serialised(store, apps["s3"]), access),
        "ecs": ecs,
        "sts": sts.application(Sessions(access.keys, longest)),
    }

    def front(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return apps[_service(environ)](environ, start)

    return keyed(front, access, _asked, _asks_for_itself)


def _asked(environ: WSGIEnvironment) -> list[Call]:
    return ASKED[_service(environ)](environ)


def hiding(app: WSGIApplication, access: Access) -> WSGIApplication:
    """Whoever may not list a bucket is not told that an object is not there."""

    def hidden(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        session = access.session(environ)
        if session is None or session.allows(rights.may_list(environ)):
            return app(environ, start)
        begun: list[Any] = []
        body = app(environ, lambda *begin: begun.extend(begin))  # type: ignore[arg-type]
        if str(begun[0]).startswith("404"):
            return refuse(environ, start, NOT_ALLOWED, "Access Denied")
        start(*begun)
        return body

    return hidden


def _asks_for_itself(environ: WSGIEnvironment) -> bool:
    """A form carries its proof in its body; the question whether a page may post changes nothing and has none."""
    return _service(environ) == "s3" and (is_form(environ) or environ["REQUEST_METHOD"] == "OPTIONS")


def _serialised(store: SqliteStore, app: WSGIApplication) -> WSGIApplication:
    """moto has no locks: so that no reader sees half a transaction, one request at a time."""

    def serialised(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        read_body(environ)
        with store.lock:
            return list(app(environ, start))

    return serialised


def _service(environ: WSGIEnvironment) -> str:
    if is_for_sts(environ):
        return "sts"
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    return next((service for prefix, service in SERVICES.items() if target.startswith(prefix)), "s3")


def _moto(service: Any) -> WSGIApplication:
    app = create_backend_app(service)
    app.debug = False
    return app


def _saving(app: WSGIApplication) -> WSGIApplication:
    def saving(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        backend = s3_backends[ACCOUNT]["aws"]
        assert isinstance(backend, DurableS3)
        body = list(app(environ, start))
        try:
            backend.save()
        except BaseException:
            backend.undo()
            raise
        return body

    return saving
