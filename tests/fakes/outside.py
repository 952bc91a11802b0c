"""The other parties: doorbell, sockets, secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.agent import Agent
from chalicelib.errors import AgentUnavailable


class FakeDoorbell:
    def __init__(self) -> None:
        self.rung: list[tuple[str, int]] = []
        self.answers = True

    def ring(self, agent: Agent) -> bool:
        self.rung.append((agent.user_id, agent.epoch))
        return self.answers


class FakePush:
    """Keeps what each socket got; sockets in `gone` have gone, those in `stuck` take nothing now, `held` stay open,
    and of `broken` the store knows nothing."""

    def __init__(self) -> None:
        self.frames: dict[str, list[dict[str, Any]]] = {}
        self.gone: set[str] = set()
        self.stuck: set[str] = set()
        self.held: set[str] = set()
        self.broken: set[str] = set()
        self.closed: list[str] = []

    def send(self, connection_id: str, frame: Mapping[str, Any]) -> bool:
        if connection_id in self.stuck:
            raise AgentUnavailable(f"the buffer of {connection_id} is full")
        if connection_id in self.gone:
            return False
        self.frames.setdefault(connection_id, []).append(json.loads(json.dumps(frame)))
        return True

    def close(self, connection_id: str) -> None:
        if connection_id in self.broken:
            raise RuntimeError(f"nothing is known of {connection_id}")
        if connection_id in self.held:
            raise AgentUnavailable(f"{connection_id} cannot be closed now")
        self.closed.append(connection_id)
        self.gone.add(connection_id)

    def types(self, connection_id: str) -> list[str]:
        return [frame["type"] for frame in self.frames.get(connection_id, [])]

    def last(self, connection_id: str, kind: str) -> dict[str, Any]:
        return [frame for frame in self.frames.get(connection_id, []) if frame["type"] == kind][-1]


class FakePool:
    def __init__(self) -> None:
        self.signed_out: list[str] = []
        self.answers = True

    def sign_out(self, user_id: str) -> None:
        if not self.answers:
            raise AgentUnavailable("no answer")
        self.signed_out.append(user_id)


class FakeSecrets:
    def __init__(self, *providers: str) -> None:
        self.names = frozenset(providers)
        self.kept: dict[str, str] = {}

    def providers(self) -> frozenset[str]:
        return self.names

    def read(self, name: str) -> str | None:
        return self.kept.get(name)
