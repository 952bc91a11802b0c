"""API Gateway's socket side: its limits, its events to the app, and the connections that can be pushed to.

$connect runs before the handshake, so a push during it finds no connection (410); frames of one client run
concurrently; a connection ends after 10 idle minutes or 2 hours.
"""

from __future__ import annotations

import asyncio
import http
import json
import logging
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from local.cloud import events
from local.cloud.environment import TIMEOUT
from local.cloud.environments import Environments
from local.cloud.events import SocketClient
from local.cloud.rate import TOO_MANY, AccountRate
from local.guard import Guard
from local.names import STAGE

MESSAGE_LIMIT, FRAME_LIMIT = 128 * 1024, 32 * 1024
T = TypeVar("T")
BUFFER_LIMIT = 1024 * 1024  # unsent bytes of one client, above which it is told to be too slow
log = logging.getLogger(__name__)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SocketLimits:
    """In seconds."""

    idle: float = 600
    life: float = 7200
    integration: float = TIMEOUT
    rate: AccountRate = field(default_factory=AccountRate)  # not seconds


class Socket(ServerConnection):
    """A connection that has been accepted, or is about to be."""

    caller: SocketClient
    last_active_at: datetime
    subprotocol_chosen: str | None = None


class SocketGateway:
    """The connections by id. Everything but `start`, `close` and `run` belongs to the event loop's thread."""

    def __init__(
        self, environments: Environments, limits: SocketLimits | None = None, clock: Callable[[], datetime] = now
    ) -> None:
        self.environments = environments
        self.limits = limits or SocketLimits()
        self.clock = clock
        self.sockets: dict[str, Socket] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sockets")
        self._server: Server | None = None
        self._spawned = set[asyncio.Task[None]]()

    def start(self, port: int, guard: Guard | None = None) -> int:
        """Listen on loopback; the port, when 0 was asked for. Without a `guard` no browser is let in."""
        self._thread.start()
        self._server = self.run(self._serve(port, guard or Guard()))
        chosen: int = next(iter(self._server.sockets)).getsockname()[1]
        return chosen

    def close(self) -> None:
        if self._server:
            self._loop.call_soon_threadsafe(self._server.close)
            self.run(self._server.wait_closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(asyncio.sleep(0))  # whoever has just asked gets an answer
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait, from another thread, for work of the loop. Raises RuntimeError once the gateway is closed."""
        try:
            asked = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise
        return asked.result(self.limits.integration)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Work of the loop that nobody waits for."""
        task = self._loop.create_task(work)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    async def _serve(self, port: int, guard: Guard) -> Server:
        return await serve(
            self._live,
            "127.0.0.1",
            port,
            create_connection=Socket,
            process_request=partial(self._connect, guard),
            select_subprotocol=_choose,
            max_size=(MESSAGE_LIMIT, FRAME_LIMIT),
            write_limit=2 * BUFFER_LIMIT,
            ping_interval=None,
            compression=None,
            server_header=None,
            open_timeout=self.limits.integration + 2,
            close_timeout=1,
        )

    async def _connect(self, guard: Guard, socket: Any, request: Request) -> Response | None:
        if reason := guard.refusal("GET", request.headers.get_all):
            return _refusal(403, {"message": reason})
        if not self.limits.rate.takes():
            return _refusal(429, {"message": TOO_MANY})
        url = urlsplit(request.path)
        if url.path.rstrip("/") != f"/{STAGE}":
            return _refusal(403, {"message": "Forbidden"})
        address, agent = socket.remote_address[0], request.headers.get("User-Agent", "")
        socket.caller = SocketClient(events.random_id(), self.clock(), address, agent)
        socket.last_active_at = socket.caller.connected_at
        event = events.connect(socket.caller, request.headers.raw_items(), url.query)
        try:
            answer = await self._invoke("$connect", event)
        except TimeoutError:
            return _refusal(504, {"message": "Endpoint request timed out"})
        except Exception:
            log.exception("$connect failed")
            return _refusal(502, _internal_error(event))
        return _admit(socket, answer)

    async def _live(self, connection: ServerConnection) -> None:
        assert isinstance(connection, Socket)
        socket, tasks = connection, set[asyncio.Task[None]]()
        self.sockets[socket.caller.connection_id] = socket
        tasks.add(asyncio.create_task(self._watch(socket)))
        try:
            async for body in socket:
                socket.last_active_at = self.clock()
                task = asyncio.create_task(self._message(socket, body))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        except ConnectionClosed:
            pass  # with an error code; what matters is that it ended
        finally:
            self.sockets.pop(socket.caller.connection_id, None)
            await self._disconnect(socket)
            for task in tasks:
                task.cancel()

    async def _message(self, socket: Socket, body: str | bytes) -> None:
        event = events.message(socket.caller, body)
        if not self.limits.rate.takes():
            await _send_error(socket, {**_internal_error(event), "message": TOO_MANY})
            return
        try:
            await self._invoke("$default", event)
        except TimeoutError:
            await _send_error(socket, {**_internal_error(event), "message": "Endpoint request timed out"})
        except Exception:
            log.exception("a message handler failed")
            await _send_error(socket, _internal_error(event))

    async def _disconnect(self, socket: Socket) -> None:
        """Best effort, as on AWS."""
        event = events.disconnect(socket.caller, socket.close_code or 1006, socket.close_reason or "")
        try:
            await self._invoke("$disconnect", event)
        except Exception:
            log.exception("$disconnect failed")

    async def _invoke(self, route: str, event: dict[str, Any]) -> Any:
        invoked = self.environments.socket_event(route, event)
        future = asyncio.wrap_future(invoked.future)
        return await asyncio.wait_for(future, min(self.limits.integration, invoked.timeout))

    async def _watch(self, socket: Socket) -> None:
        while (left := self._seconds_left(socket)) > 0:
            await asyncio.sleep(left)
        await socket.close(1001, "Going away")

    def _seconds_left(self, socket: Socket) -> float:
        now = self.clock()
        idle, age = now - socket.last_active_at, now - socket.caller.connected_at
        return min(self.limits.idle - idle.total_seconds(), self.limits.life - age.total_seconds())


def _choose(socket: ServerConnection, offered: Any) -> Any:
    chosen = getattr(socket, "subprotocol_chosen", None)
    return chosen if chosen in offered else None


def _admit(socket: Socket, answer: Any) -> Response | None:
    status = int(answer.get("statusCode", 200))
    if not http.HTTPStatus.OK <= status < http.HTTPStatus.MULTIPLE_CHOICES:
        return _refusal(status, None)
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    socket.subprotocol_chosen = headers.get("sec-websocket-protocol")
    return None


def _refusal(status: int, body: Any) -> Response:
    content = b"" if body is None else json.dumps(body).encode()
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(content)), "Connection": "close"})
    return Response(status, http.HTTPStatus(status).phrase, headers, content)


def _internal_error(event: dict[str, Any]) -> dict[str, str]:
    context = event["requestContext"]
    ids = {name: context[name] for name in ("connectionId", "requestId")}
    return {"message": "Internal server error", **ids}


async def _send_error(socket: Socket, frame: dict[str, str]) -> None:
    try:
        await socket.send(json.dumps(frame))
    except ConnectionClosed:
        log.info("connection %s was gone before its error", socket.caller.connection_id)
