"""The doorbell: an empty signed POST to the bridge, over TLS whose certificate is checked before a byte of HTTP."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import logging
import socket
import ssl
from dataclasses import dataclass

from chalicelib.domain.agent import Agent
from chalicelib.domain.bridge import Request, sign
from chalicelib.ports import Clock, NewId

log = logging.getLogger(__name__)
TIMEOUT = 2.0  # seconds; a lost ring costs latency, because the bridge also looks by itself


class WrongCertificate(OSError):
    """Somebody else lives at the address."""


class PinnedConnection(http.client.HTTPSConnection):
    """HTTPS to the one host that holds the certificate with this SHA-256."""

    def __init__(self, host: str, port: int, sha256: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default one loads every authority, for 10 ms
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the pin below is stricter than any authority
        super().__init__(host, port, timeout=TIMEOUT, context=context)
        self._sha256 = sha256

    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, ssl.SSLSocket)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        shown = hashlib.sha256(self.sock.getpeercert(binary_form=True) or b"").hexdigest()
        if not hmac.compare_digest(shown, self._sha256):
            self.close()
            raise WrongCertificate(f"certificate {shown[:12]}… instead of {self._sha256[:12]}…")


@dataclass(frozen=True)
class HttpsDoorbell:
    clock: Clock
    new_nonce: NewId

    def ring(self, agent: Agent) -> bool:
        if not (agent.address and agent.certificate_sha256 and agent.bridge_key):
            return False
        host, _, port = agent.address.rpartition(":")
        try:
            return self._post(PinnedConnection(host, int(port), agent.certificate_sha256), agent, agent.bridge_key)
        except (OSError, http.client.HTTPException) as error:
            log.info("doorbell: %s", error, extra={"user": agent.user_id, "epoch": agent.epoch})
            return False

    def _post(self, connection: PinnedConnection, agent: Agent, key: str) -> bool:
        request = Request("POST", "/message", b"{}")
        headers = sign(key, agent.epoch, request, self.clock(), self.new_nonce())
        try:
            connection.connect()
            connection.request(request.method, request.path, request.body, headers)
            return connection.getresponse().status == http.HTTPStatus.ACCEPTED
        finally:
            connection.close()
