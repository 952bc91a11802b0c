"""The @connections management endpoint: push to a connection, look at it, close it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from local.aws.policy import Call
from local.cloud.sockets import BUFFER_LIMIT, MESSAGE_LIMIT, Socket, SocketGateway
from local.names import SOCKET_ARN
from local.web import answer, answer_json, read_body

ERRORS = {
    410: "GoneException",
    413: "PayloadTooLargeException",
    429: "LimitExceededException",
    405: "ForbiddenException",
}


def asked(environ: WSGIEnvironment) -> list[Call]:
    """A push needs the right to this one socket."""
    place = f"{environ['REQUEST_METHOD']}/@connections/{unquote(str(environ['PATH_INFO'])).strip('/')}"
    return [Call("execute-api:ManageConnections", f"{SOCKET_ARN}/{place}")]


class PushRefused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(ERRORS[status])
        self.status = status


def application(gateway: SocketGateway) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body = read_body(environ)
        connection_id = unquote(str(environ["PATH_INFO"])).strip("/")
        try:
            result = gateway.run(_perform(gateway, connection_id, str(environ["REQUEST_METHOD"]), body))
        except PushRefused as refusal:
            headers = {"x-amzn-ErrorType": str(refusal)}
            return answer_json(start, refusal.status, {"message": str(refusal)}, headers)
        return answer(start, 204) if result is None else answer_json(start, 200, result)

    return app


async def _perform(gateway: SocketGateway, connection_id: str, method: str, body: bytes) -> dict[str, Any] | None:
    if not gateway.limits.rate.takes():
        raise PushRefused(429)
    socket = gateway.sockets.get(connection_id)
    if socket is None or socket.state is not State.OPEN:
        raise PushRefused(410)
    match method:
        case "POST":
            return await _push(gateway, socket, body)
        case "GET":
            return _describe(socket)
        case "DELETE":
            _close(gateway, socket)
            return None
    raise PushRefused(405)


async def _push(gateway: SocketGateway, socket: Socket, body: bytes) -> dict[str, Any]:
    """A client whose buffer is full is refused at once, and nothing of the frame is sent: it can be tried again."""
    if len(body) > MESSAGE_LIMIT:
        raise PushRefused(413)
    if socket.transport.get_write_buffer_size() > BUFFER_LIMIT:
        raise PushRefused(429)
    try:
        await socket.send(body.decode())
    except ConnectionClosed:
        raise PushRefused(410) from None
    socket.last_active_at = gateway.clock()
    return {}


def _describe(socket: Socket) -> dict[str, Any]:
    caller = socket.caller
    return {
        "connectedAt": caller.connected_at.isoformat(),
        "lastActiveAt": socket.last_active_at.isoformat(),
        "identity": {"sourceIp": caller.source_ip, "userAgent": caller.user_agent},
    }


def _close(gateway: SocketGateway, socket: Socket) -> None:
    """Gone from now on; the closing handshake is not waited for."""
    gateway.sockets.pop(socket.caller.connection_id, None)
    gateway.spawn(socket.close(1000, "Connection Closed Normally"))
