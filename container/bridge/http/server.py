"""The bridge's web server: cheroot, with the task's own certificate."""

from __future__ import annotations

import ssl
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from flask import Flask

from chalicelib.domain.bridge import BODY_BYTES
from container.bridge.http.certificate import Identity

THREADS = 4
REQUEST_TIMEOUT = 2  # seconds; a stranger who says nothing is sent away
HEADER_BYTES = 8192


class IdentityAdapter(BuiltinSSLAdapter):
    """TLS from a context in memory: the builtin one wants the key in a file that stays."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self._server_env: dict[str, Any] = {}


def create_server(app: Flask, address: str, identity: Identity) -> Server:
    host, _, port = address.rpartition(":")
    server = Server((host, int(port)), app, numthreads=THREADS, server_name="bridge", timeout=REQUEST_TIMEOUT)
    server.max_request_body_size = BODY_BYTES
    server.max_request_header_size = HEADER_BYTES
    server.ssl_adapter = IdentityAdapter(identity.context())
    return server
