"""`python -m tests.infra.account`: serves the account, says its address as JSON, ends when its input does."""

from __future__ import annotations

import json
import os
import sys

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.infra.account import apis, functions, history, lasting, resources, rights, stacks


def main() -> None:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    os.environ["AWS_ENDPOINT_URL"] = endpoint  # for the clients that the missing types are made with
    apis.install()
    resources.install()
    lasting.install()
    rights.install()
    history.install()  # before what keeps resources: a creation that is taken back keeps none
    stacks.install()
    workers = functions.install({"AWS_ENDPOINT_URL": endpoint, "WEBSOCKET_CALLBACK_URL": os.environ["SOCKETS_URL"]})
    sys.stdout.write(json.dumps({"endpoint": endpoint}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    workers.close()
    os._exit(0)  # the account is in memory only: a second of orderly end would be for nothing


if __name__ == "__main__":
    main()
