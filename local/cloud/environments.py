"""Lambda environments: each worker thread owns a fresh instance of app.py, serves one event at a time, stays warm.

So requests that run at once share nothing that they would not share on AWS, and a warm module keeps its globals.
"""

from __future__ import annotations

import importlib.util
import itertools
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from chalice.app import Chalice

T = TypeVar("T")
TIMEOUT = 29.0  # API SocketGateway's, in seconds


@dataclass(frozen=True)
class Context:
    """What Lambda passes beside the event."""

    function_name: str
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.monotonic)
    memory_limit_in_mb: int = 256

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((TIMEOUT - (time.monotonic() - self.started)) * 1000))


class Environments:
    def __init__(self, source: Path, limit: int = 24) -> None:
        self.source = source
        self._numbers = itertools.count(1)
        self._own = threading.local()
        self._workers = ThreadPoolExecutor(limit, thread_name_prefix="lambda")

    def submit(self, call: Callable[[Chalice], T]) -> Future[T]:
        return self._workers.submit(lambda: call(self._app()))

    def socket_event(self, route: str, event: dict[str, Any]) -> Future[Any]:
        def call(app: Chalice) -> Any:
            config = app.websocket_handlers.get(route)
            return app.handler_map[config.name](event, Context(config.name)) if config else {"statusCode": 200}

        return self.submit(call)

    def request(self, event: dict[str, Any]) -> Future[Any]:
        return self.submit(lambda app: app(event, Context("api_handler")))

    def timer(self, name: str, event: dict[str, Any]) -> Future[Any]:
        return self.submit(lambda app: app.handler_map[name](event, Context(name)))

    def close(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _app(self) -> Chalice:
        if not hasattr(self._own, "app"):
            self._own.app = load(self.source, f"lambda_environment_{next(self._numbers)}")
        app: Chalice = self._own.app
        return app


def load(source: Path, name: str) -> Chalice:
    spec = importlib.util.spec_from_file_location(name, source)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    app: Chalice = module.app
    return app
