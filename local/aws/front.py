"""One endpoint for all services: by the request's target to DynamoDB, SSM, ECS, else to S3."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import s3_backends

from local.aws.access import Access, keyed
from local.aws.forms import guarded, is_form
from local.aws.outage import refusing
from local.aws.s3 import DurableS3
from local.names import ACCOUNT
from local.store import SqliteStore
from local.web import read_body

SERVICES = {"DynamoDB": "dynamodb", "AmazonSSM": "ssm", "AmazonEC2ContainerService": "ecs"}


def build(store: SqliteStore, ecs: WSGIApplication, outage: Path, access: Access) -> WSGIApplication:
    """`outage`: while this file exists, S3 refuses writes."""
    apps = {
        "dynamodb": _moto("dynamodb"),
        "ssm": _moto("ssm"),
        "s3": refusing(guarded(_saving(_moto("s3")), access), outage),
    }
    apps = {service: _serialised(store, app) for service, app in apps.items()} | {"ecs": ecs}

    def front(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return apps[_service(str(environ.get("HTTP_X_AMZ_TARGET", "")))](environ, start)

    return keyed(front, access, _asks_for_itself)


def _asks_for_itself(environ: WSGIEnvironment) -> bool:
    """A form carries its proof in its body; the question whether a page may post changes nothing and has none."""
    is_s3 = _service(str(environ.get("HTTP_X_AMZ_TARGET", ""))) == "s3"
    return is_s3 and (is_form(environ) or environ["REQUEST_METHOD"] == "OPTIONS")


def _serialised(store: SqliteStore, app: WSGIApplication) -> WSGIApplication:
    """moto has no locks: so that no reader sees half a transaction, one request at a time."""

    def serialised(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        read_body(environ)
        with store.lock:
            return list(app(environ, start))

    return serialised


def _service(target: str) -> str:
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
