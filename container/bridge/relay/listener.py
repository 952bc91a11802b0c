"""Where OpenClaw finds the relay: a port of the loopback that takes CONNECT for the providers' hosts alone."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from contextlib import suppress

from container.bridge.relay.caller import Caller
from container.bridge.relay.providers import BY_HOST, ModelProvider
from container.bridge.relay.relay import ModelRelay
from container.bridge.relay.upstream import SEND, quiet
from container.bridge.relay.wire import HttpHead, Malformed

log = logging.getLogger(__name__)
MOST_CALLERS = 64
HANDSHAKE = 10.0  # seconds
ESTABLISHED = b"HTTP/1.1 200 Connection Established\r\n\r\n"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Listener:
    def __init__(self, relay: ModelRelay, context: ssl.SSLContext, demo: ModelProvider | None) -> None:
        self._relay, self._context, self._demo = relay, context, demo
        self._room = threading.Semaphore(MOST_CALLERS)
        self._socket: socket.socket | None = None

    def open(self) -> int:
        """The port. Raises OSError."""
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=MOST_CALLERS)
        port: int = self._socket.getsockname()[1]
        return port

    def run(self) -> None:
        """Until `close`, which another thread calls."""
        while (listener := self._socket) is not None:
            self._room.acquire()
            try:
                connection, _ = listener.accept()
            except OSError as error:
                self._room.release()
                if self._socket is not None:
                    log.warning("the relay can let nobody in: %s", error)
                    time.sleep(0.05)
                continue
            threading.Thread(target=self._attend, args=(connection,), name="model call", daemon=True).start()

    def close(self) -> None:
        listener, self._socket = self._socket, None
        if listener:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # or a thread that waits in `accept` would wait on
            listener.close()

    def _attend(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._answer(quiet(connection))
        except (OSError, Malformed, ValueError) as error:
            log.debug("a caller of the relay was sent away: %r", error)
        except Exception:
            log.exception("the relay has failed")
        finally:
            self._room.release()

    def _answer(self, connection: socket.socket) -> None:
        caller = Caller(connection)
        head = caller.head()
        if head is None:
            return
        if head.start.startswith("CONNECT "):
            self._tunnel(caller, head)
        elif self._demo is not None:
            self._relay.serve(caller, self._demo, head)
        else:
            connection.sendall(UNAUTHORIZED)

    def _tunnel(self, caller: Caller, head: HttpHead) -> None:
        """The other end of it is here."""
        host, _, port = head.start.split(" ")[1].rpartition(":")
        provider = BY_HOST.get(host.lower())
        if provider is None or port != str(provider.port) or caller.early:
            log.warning("the relay does not lead to %s", host[:80])
            caller.connection.sendall(FORBIDDEN)
            return
        caller.connection.sendall(ESTABLISHED)
        caller.connection.settimeout(HANDSHAKE)
        with self._context.wrap_socket(caller.connection, server_side=True) as secured:
            secured.settimeout(SEND)
            inner = Caller(secured)
            self._relay.serve(inner, provider, inner.head())
