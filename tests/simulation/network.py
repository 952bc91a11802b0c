"""Addresses and who lives there, the doorbell that rings at one, and the sockets of API Gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.domain.agent import Agent
from chalicelib.domain.bridge import Request, sign, verify
from container.bridge.http.app import Nonces
from tests.simulation.ports import Line

ADDRESSES = 4  # few, so that an old address soon has another tenant
TIMEOUT = 2.0
RING = Request("POST", "/message", b"{}")


@dataclass
class Tenant:
    """A bridge at its address; a stranger has no key and says 202 to everything."""

    certificate: str
    user: str = "stranger"
    epoch: int = 0
    key: str | None = None
    ring: Callable[[], None] = field(default=lambda: None)
    nonces: Nonces = field(default_factory=Nonces)


class Town:
    """Which address is whose. A left address falls to a stranger, then to the next task."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._moves = 0
        self.tenants: dict[str, Tenant] = {}

    def move_in(self, tenant: Tenant) -> str:
        self._moves += 1
        taken = {address for address, there in self.tenants.items() if there.key}
        address = f"10.0.0.{self._moves % ADDRESSES}:8080"
        if address in taken:
            address = f"10.0.1.{self._moves}:8080"
        self.tenants[address] = tenant
        return address

    def move_out(self, address: str, tenant: Tenant) -> None:
        if self.tenants.get(address) is tenant:
            self.tenants[address] = Tenant(f"stranger at {address}")


class SimulatedDoorbell:
    """Implements the port `Doorbell` with the rules of `adapters/bridge.py`: the pin first, then an empty request."""

    def __init__(self, line: Line, town: Town) -> None:
        self._line, self._town = line, town
        self._nonce = 0

    def ring(self, agent: Agent) -> bool:
        self._line.travel((0.005, 0.1))
        tenant = self._town.tenants.get(agent.address or "")
        if (
            not (agent.address and agent.certificate_sha256 and agent.bridge_key)
            or tenant is None
            or self._line.faults.strike("bell_lost")
        ):
            self._line.travel((0.0, TIMEOUT))
            return False
        if not self.recognised(agent, tenant):
            self._line.history.count("stranger at the address")
            return False
        answered = self._post(agent, tenant)
        if self._line.faults.strike("bell_late"):
            self._line.history.count("bell heard late")
            self._line.travel((TIMEOUT, TIMEOUT + 0.1))
            return False
        return answered

    def recognised(self, agent: Agent, tenant: Tenant) -> bool:
        return tenant.certificate == agent.certificate_sha256

    def _post(self, agent: Agent, tenant: Tenant) -> bool:
        """HTTP leaves for the address: the checker looks at who got it."""
        scheduler = self._line.scheduler
        self._nonce += 1
        headers = sign(agent.bridge_key or "", agent.epoch, RING, scheduler.clock(), str(self._nonce))
        self._line.history.note("http", user=agent.user_id, epoch=agent.epoch, to=tenant.user, to_epoch=tenant.epoch)
        self._line.travel((0.005, 0.1))
        if tenant.key is None:
            return True
        nonce = verify(tenant.key, tenant.epoch, RING, headers, scheduler.clock())
        if nonce is None or not tenant.nonces.admit(nonce, scheduler.clock()):
            return False
        tenant.ring()
        return True


@dataclass
class Socket:
    """A connection as API Gateway sees it."""

    id: str
    user: str
    receive: Callable[[Mapping[str, Any]], None]
    closed: Callable[[], None]
    open: bool = False
    void: bool = False  # the browser is gone, and nobody noticed
    stuck_until: float = 0.0
    free_at: float = 0.0  # frames arrive in the order in which they left


class Sockets:
    """API Gateway's side of the sockets, as `apigatewaymanagementapi` shows it."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.all: dict[str, Socket] = {}

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:
        faults = self._line.faults
        self._line.travel((0.003, 0.03))
        if self._stuck(ConnectionId) or faults.strike("push_busy"):
            raise _error("LimitExceededException", 429)
        if faults.strike("push_error"):
            self._line.history.count("push failed")
            raise _error("InternalServerError", 500)
        socket = self.all.get(ConnectionId)
        if socket is None or not socket.open:
            self._line.history.count("push to a closed socket")
            raise _error("GoneException", 410)
        self.pushed(socket, json.loads(Data))
        if faults.strike("push_lost"):
            raise ReadTimeoutError(endpoint_url="https://connections")
        self._line.travel((0.003, 0.03))

    def _stuck(self, socket_id: str) -> bool:
        """Takes nothing for some seconds."""
        socket = self.all.get(socket_id)
        if socket and self._line.faults.strike("push_stuck"):
            socket.stuck_until = self._line.scheduler.now + self._line.faults.between(1, 30)
        return socket is not None and self._line.scheduler.now < socket.stuck_until

    def delete_connection(self, *, ConnectionId: str) -> None:
        self._line.history.note("cut", socket=ConnectionId)
        self._line.travel()
        if self._line.faults.strike("push_error"):
            raise _error("InternalServerError", 500)
        socket = self.all.get(ConnectionId)
        if socket is None or not socket.open:
            raise _error("GoneException", 410)
        self._line.history.count("socket closed by us")
        self.close(socket)

    def pushed(self, socket: Socket, frame: Mapping[str, Any]) -> None:
        if not socket.void and self._line.faults.strike("push_void"):
            self.lose(socket)
        self._line.history.note("push", socket=socket.id, user=socket.user, frame=frame, void=socket.void)
        scheduler = self._line.scheduler
        socket.free_at = max(socket.free_at, scheduler.now + self._line.random.uniform(0.01, 0.2))
        scheduler.after(socket.free_at - scheduler.now, lambda: self._arrive(socket, frame))

    def lose(self, socket: Socket) -> None:
        """The browser is gone, and nobody has noticed yet."""
        socket.void = True
        self._line.history.note("socket_gone", socket=socket.id)

    def close(self, socket: Socket) -> None:
        """From either side; the browser hears of it unless it is gone itself."""
        if socket.open:
            socket.open = False
            self._line.history.note("socket_gone", socket=socket.id)
            if not socket.void:
                self._line.scheduler.after(0.05, socket.closed)

    def _arrive(self, socket: Socket, frame: Mapping[str, Any]) -> None:
        if socket.open and not socket.void:
            socket.receive(frame)


def _error(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PostToConnection")
