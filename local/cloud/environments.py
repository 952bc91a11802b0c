"""Lambda's environments, each function's own, kept warm; one event at a time is served by each.

So requests that run at once share nothing that they would not share on AWS, and a warm module keeps its globals.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from chalice.app import Chalice

from infra.chalice import RESERVED, ROLES
from local.aws.keys import AwsKeys
from local.aws.sessions import Sessions
from local.cloud.environment import DEAD, Context, Environment, Function, Killed, enter, entered, watch

Handler = Callable[[Chalice, Context], Any]
API = "api_handler"
ALWAYS = timedelta(days=365)  # Lambda renews the keys of an environment; these end with the run
log = logging.getLogger(__name__)


class FunctionTimedOut(Exception):
    """Lambda has killed it."""


class FunctionThrottled(Exception):
    """It has as many events as it may have at once, and whoever asks wants an answer."""


@dataclass(frozen=True)
class Invoked:
    future: Future[Any]
    timeout: float  # seconds, counted from when it was asked for


@dataclass(frozen=True)
class Account:
    """What an environment gets from Lambda."""

    functions: Mapping[str, Function] = field(default_factory=dict)  # by name; all others are as Lambda has them
    keys: AwsKeys | None = None  # that its role's are made with; none for those that call no AWS
    state: Path | None = None  # where signs of AWS's bad days lie

    def keys_of(self, function: str) -> dict[str, str]:
        if self.keys is None:
            return {}
        issued = Sessions(self.keys, ALWAYS).issue(ROLES[function], ALWAYS)
        return {
            "aws_access_key_id": issued.access_key_id,
            "aws_secret_access_key": issued.secret_access_key,
            "aws_session_token": issued.session_token,
        }


def deployed(config: Path) -> dict[str, Function]:
    """The functions as .chalice/config.json has them."""
    functions = json.loads(config.read_text())["lambda_functions"]
    return {
        name: Function(name, float(each["lambda_timeout"]), each["lambda_memory_size"], RESERVED[name])
        for name, each in functions.items()
    }


class Environments:
    def __init__(self, source: Path, limit: int | None = None, account: Account | None = None) -> None:
        self.source, self.account = source, account or Account()
        self.declared = load(source, "declared_app")
        self._limit = limit  # of each function, whatever it has deployed
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._workers: dict[str, ThreadPoolExecutor] = {}
        self._busy: Counter[str] = Counter()
        watch()

    def socket_event(self, route: str, event: dict[str, Any]) -> Invoked:
        """A route without a function is answered at once."""
        if config := self.declared.websocket_handlers.get(route):
            return self._ask(config.name, lambda app, context: app.handler_map[config.name](event, context))
        answered = Future[Any]()
        answered.set_result({"statusCode": 200})
        return Invoked(answered, 1.0)

    def request(self, event: dict[str, Any]) -> Invoked:
        return self._ask(API, lambda app, context: app(event, context))

    def invoke(self, name: str, event: dict[str, Any]) -> Invoked:
        """An event that nobody waits for: while the function has no room, Lambda keeps it."""
        return self.submit(name, lambda app, context: app.handler_map[name](event, context))

    def submit(self, name: str, handler: Handler) -> Invoked:
        function = self.account.functions.get(name) or Function(name)
        with self._lock:
            self._busy[name] += 1
            if name not in self._workers:
                self._workers[name] = ThreadPoolExecutor(self._room(name), thread_name_prefix=name)
        return Invoked(self._workers[name].submit(self._run, function, handler), function.timeout)

    def close(self) -> None:
        for workers in self._workers.values():
            workers.shutdown(wait=False, cancel_futures=True)

    def _room(self, name: str) -> int:
        return self._limit or (self.account.functions.get(name) or Function(name)).concurrency

    def _ask(self, name: str, handler: Handler) -> Invoked:
        with self._lock:
            full = self._busy[name] >= self._room(name)
        if not full:
            return self.submit(name, handler)
        log.error("%s: Rate Exceeded: it has %d events", name, self._room(name))
        refused = Future[Any]()
        refused.set_exception(FunctionThrottled(name))
        return Invoked(refused, 1.0)

    def _run(self, function: Function, handler: Handler) -> Any:
        try:
            return self._handle(function, handler)
        finally:
            with self._lock:
                self._busy[function.name] -= 1

    def _handle(self, function: Function, handler: Handler) -> Any:
        environment = entered() or self._new(function)
        enter(environment)
        context = environment.begin()
        try:
            result = handler(environment.app, context)
        except Killed:
            result = None
        finally:
            if environment.is_over:
                enter(None)
        if environment.is_over:
            log.error("%s: Task timed out after %.2f seconds", function.name, function.timeout)
            raise FunctionTimedOut(function.name)
        return result

    def _new(self, function: Function) -> Environment:
        app = load(self.source, f"lambda_environment_{next(self._numbers)}")
        dead = self.account.state / DEAD if self.account.state else None
        return Environment(function, app, self.account.keys_of(function.name), dead)


def load(source: Path, name: str) -> Chalice:
    spec = importlib.util.spec_from_file_location(name, source)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    app: Chalice = module.app
    return app
