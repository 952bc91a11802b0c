"""`python -m tests.infra.account`: an account that is copied, by a fork with all that is in it; as is each copy.

Its input is a socket. Each message on it, the address that functions push to, comes with another socket: the input of a
copy, which says there at which address it serves, as JSON. Each ends when its input does.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from threading import Thread
from typing import Any, cast

from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from tests.fakes.models import share_models
from tests.infra.account import apis, functions, history, lasting, lookups, resources, rights, stacks

SERVICES = (  # those that a deploy asks: read once, before there is any copy
    *("apigateway", "apigatewayv2", "budgets", "cloudformation", "cloudfront", "cloudwatch", "codebuild"),
    *("cognito-idp", "dynamodb", "ec2", "ecr", "ecs", "events", "iam", "lambda", "logs", "s3", "service-quotas"),
    *("sns", "ssm", "sts"),
)
IN_MOTO = {"cognito-idp": "cognitoidp", "lambda": "awslambda", "service-quotas": "servicequotas"}


def main() -> None:
    share_models()
    for each in (apis, resources, lasting, rights, lookups):
        each.install()
    history.install()  # before what keeps resources: a creation that is taken back keeps none
    stacks.install()
    workers = functions.install()
    app = DomainDispatcherApplication(create_backend_app)
    for service in SERVICES:
        app.app_instances[IN_MOTO.get(service, service)] = create_backend_app(cast("Any", service))
        get_service_model(service)
    copy_and_serve(socket.socket(fileno=sys.stdin.fileno()), app, workers)
    workers.close()
    os._exit(0)  # the account is in memory only: a second of orderly end would be for nothing


def copy_and_serve(control: socket.socket, app: DomainDispatcherApplication, workers: functions.Workers) -> None:
    while True:
        pushes, passed, _, _ = socket.recv_fds(control, 1000, 1)
        if not pushes:
            return
        copy = socket.socket(fileno=passed[0])
        assert not workers.warm, "a copy would ask the functions of another account"
        if os.fork():
            copy.close()
            continue
        control.close()
        control = copy
        endpoint = serve(app)
        workers.surroundings = {"AWS_ENDPOINT_URL": endpoint, "WEBSOCKET_CALLBACK_URL": pushes.decode()}
        control.sendall(json.dumps({"endpoint": endpoint}).encode() + b"\n")


def serve(app: DomainDispatcherApplication) -> str:
    """Its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    os.environ["AWS_ENDPOINT_URL"] = endpoint  # for the clients that the missing types are made with
    return endpoint


if __name__ == "__main__":
    main()
