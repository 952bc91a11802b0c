"""The bridge's web server: TLS with the task's own certificate, one request for each connection, then it is closed.

The port is open to the internet. Whoever connects has `REQUEST_TIMEOUT` for handshake and request together and keeps
nobody else waiting, because nothing here blocks; of too many at once the oldest go. What is no request is answered as
one that is not signed.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

from flask import Flask

from container.bridge.certificate import Identity
from container.bridge.http.request import HEADER_BYTES, UNAUTHORIZED, parse_head, respond

log = logging.getLogger(__name__)
REQUEST_TIMEOUT = 2.0  # seconds; a stranger who says nothing is sent away
ANSWER_TIMEOUT = 5.0
MOST_CALLERS = 256
BACKLOG = 256


class BridgeServer:
    """`serve` runs until `stop`, which another thread calls."""

    def __init__(self, app: Flask, address: tuple[str, int], context: ssl.SSLContext) -> None:
        self._app, self._address, self._context = app, address, context
        self._listener: socket.socket | None = None
        self._loop = asyncio.new_event_loop()
        self._callers: dict[asyncio.Task[None], None] = {}  # the oldest first
        self._served = threading.Event()

    def prepare(self) -> None:
        """Raises OSError where the address cannot be had."""
        self._listener = socket.create_server(self._address, backlog=BACKLOG)
        self._listener.setblocking(False)

    def serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(_note)
        try:
            self._loop.create_task(self._accept())
            self._loop.run_forever()
            self._loop.run_until_complete(self._end())
        finally:
            self._loop.close()
            self._served.set()

    def stop(self) -> None:
        with suppress(RuntimeError):  # it has ended already
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._served.wait(ANSWER_TIMEOUT)
        if self._listener:
            self._listener.close()

    async def _accept(self) -> None:
        assert self._listener
        while True:
            try:
                caller, _ = await self._loop.sock_accept(self._listener)
            except OSError as error:  # too many open files, or a caller who is gone already
                log.warning("nobody can be let in: %s", error)
                await asyncio.sleep(0.05)
                continue
            self._attend(caller)

    def _attend(self, caller: socket.socket) -> None:
        if len(self._callers) >= MOST_CALLERS:
            oldest = next(iter(self._callers))
            del self._callers[oldest]  # or each of a burst would cancel the same one, which has not run since
            oldest.cancel()
        task = self._loop.create_task(self._answer(caller))
        self._callers[task] = None
        task.add_done_callback(lambda done: self._leave(done, caller))

    def _leave(self, done: asyncio.Task[None], caller: socket.socket) -> None:
        """Not by the task itself: one that is cancelled before its first step has done nothing."""
        self._callers.pop(done, None)
        caller.close()

    async def _answer(self, caller: socket.socket) -> None:
        writer = None
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                reader, writer = await self._shake_hands(caller)
                asked = await _read(reader)
            async with asyncio.timeout(ANSWER_TIMEOUT):
                writer.write(UNAUTHORIZED if asked is None else respond(self._app, asked))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, TimeoutError) as error:
            log.debug("a caller was sent away: %r", error)
        finally:
            if writer is not None:
                writer.transport.abort()

    async def _shake_hands(self, caller: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader = asyncio.StreamReader(limit=HEADER_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await self._loop.connect_accepted_socket(
            lambda: protocol,
            caller,
            ssl=self._context,
            ssl_handshake_timeout=REQUEST_TIMEOUT,
            ssl_shutdown_timeout=REQUEST_TIMEOUT,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, self._loop)

    async def _end(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What callers do to their connections interests nobody; anything else is a fault of ours."""
    error = context.get("exception")
    level = logging.DEBUG if error is None or isinstance(error, OSError) else logging.ERROR
    log.log(level, "%s", context.get("message"), exc_info=error)


async def _read(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The request as WSGI has it; None when it is none, or larger than any of ours."""
    try:
        asked = parse_head(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.LimitOverrunError:
        return None
    return None if asked is None else asked.environ(await reader.readexactly(asked.length))


def create_server(app: Flask, address: str, identity: Identity) -> BridgeServer:
    host, _, port = address.rpartition(":")
    return BridgeServer(app, (host, int(port)), identity.context())
