"""One environment of Lambda: an instance of app.py with the keys of its function's role, for one event at a time.

It is a thread, because a process of its own would cost each of them 55 MB and 0.4 s of processor time. Nobody can kill
a thread. So the environment sees to it that a handler whose time is over has no effect any more: not a byte of HTTP
leaves it, to AWS or anybody else, and it is thrown away when the handler has noticed.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import boto3
from chalice.app import Chalice

TIMEOUT = 29.0  # seconds; API Gateway's, and Lambda's where nothing else is configured
DEAD = "lambda-connections-die"
_thread = threading.local()


class Killed(BaseException):
    """Of a handler whose time is over; it passes whatever the handler does about errors."""


@dataclass(frozen=True)
class Function:
    """As deployed."""

    name: str
    timeout: float = TIMEOUT
    memory_mb: int = 256
    concurrency: int = 24  # events at once


@dataclass(frozen=True)
class Context:
    """What Lambda passes beside the event."""

    function_name: str
    memory_limit_in_mb: int
    deadline: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))


@dataclass
class Environment:
    function: Function
    app: Chalice
    keys: Mapping[str, str]  # as boto3 takes them
    dead: Path | None  # while this file exists, no connection outlives the time between two events
    deadline: float = 0.0
    events: int = 0
    used: WeakKeyDictionary[http.client.HTTPConnection, int] = field(
        default_factory=WeakKeyDictionary
    )  # by which event

    def begin(self) -> Context:
        self.events += 1
        self.deadline = time.monotonic() + self.function.timeout
        return Context(self.function.name, self.function.memory_mb, self.deadline)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline

    def send(self, connection: http.client.HTTPConnection) -> None:
        """Before each part of a request. Raises Killed, ConnectionResetError."""
        if self.is_over:
            raise Killed
        if self.used.pop(connection, self.events) < self.events and self.dead and self.dead.exists():
            connection.close()
            raise ConnectionResetError("it died while the environment was frozen")
        self.used[connection] = self.events


def enter(environment: Environment | None) -> None:
    """This thread is the environment's from now on."""
    _thread.environment = environment


def entered() -> Environment | None:
    found: Environment | None = getattr(_thread, "environment", None)
    return found


@cache
def watch() -> None:
    """From now on, in this process, environments are asked for each request that they send."""
    sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "http.client.send" and (environment := entered()):
        environment.send(arguments[0])


class FunctionClients:
    """In the place of boto3's own session, which whoever names no other uses: a client has its function's keys."""

    def __init__(self) -> None:
        self._session: Any = boto3.session.Session()

    def client(self, service: str, **own: Any) -> Any:
        environment = entered()
        if environment is None:
            raise RuntimeError("nobody calls AWS here but a function")
        return self._session.client(service, **{**environment.keys, **own})

    def warm_up(self, services: tuple[str, ...]) -> None:
        """A session is not safe to share while it is new, and here the environments share one."""
        for service in services:
            self._session.client(service).close()
