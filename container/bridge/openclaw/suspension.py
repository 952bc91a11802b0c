"""OpenClaw's "Cooperative host suspension": what it works at, and that it begins nothing new while one stops it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any

from chalicelib.domain.own_work import OwnWork
from container.bridge.mailbox import Promise
from container.bridge.openclaw.driver import GatewayLink
from container.bridge.openclaw.protocol import Json, Response
from container.bridge.ports import Concurrency, Suspension

log = logging.getLogger(__name__)
PREPARE, RESUME = "gateway.suspend.prepare", "gateway.suspend.resume"
# Repeated by whom does not know whether it was heard, it renews the suspension of before.
QUESTION = {"requestId": "bridge", "terminalPolicy": "preserve"}
# What is no work of its own: a request, ours too, ends in a moment.
PASSING = frozenset({"root-request", "session-mutation", "terminal-persistence"})


class SuspendRequest:
    """One question. Where its answer comes too late, what it holds is let go."""

    def __init__(self, link: GatewayLink, concurrency: Concurrency) -> None:
        self._link, self._given_up, self._lock = link, False, threading.Lock()
        self._answer: Promise[Response | bool] = Promise(concurrency)

    def wait(self, timeout: float) -> Suspension | None:
        self._link.post(PREPARE, QUESTION, self._hear)
        self._answer.wait(timeout)
        with self._lock:  # an answer is either used here, or let go there
            answer = self._answer.value
            self._given_up = answer is None
        return read_suspension(answer) if isinstance(answer, Response) else None

    def _hear(self, response: Response | None) -> None:
        with self._lock:
            if not self._given_up:
                self._answer.put(response or False)
                return
        late = read_suspension(response) if response else None
        if late:
            resume(self._link, late)


def resume(link: GatewayLink, suspension: Suspension) -> None:
    """Returns at once. Without a connection it ends by itself, after two minutes."""
    if suspension.id:
        link.post(RESUME, {"suspensionId": suspension.id}, lambda response: None)


def read_suspension(response: Response) -> Suspension | None:
    """None for a refusal, and for what a later version may answer."""
    try:
        return None if response.error else _suspension(response.payload)
    except (AttributeError, KeyError, TypeError, ValueError):
        log.warning("OpenClaw says in an unknown way whether it works: %s", sorted(response.payload))
        return None


def _suspension(payload: Json) -> Suspension | None:
    if payload.get("status") == "ready":
        return Suspension(str(payload["suspensionId"]))
    return Suspension(None, count_work(payload.get("blockers") or ())) if payload.get("status") == "busy" else None


def count_work(blockers: Iterable[Json]) -> OwnWork:
    """By what a person calls it. One piece of work is counted in several places."""
    counts: dict[str, int] = {}
    for each in blockers:
        kind = _kind(each)
        counts[kind] = counts.get(kind, 0) + int(each.get("count") or 0)
    jobs = max(counts.get("cron-run", 0), counts.get("cron", 0))
    commands = max(counts.get("background-exec", 0), counts.get("exec-task", 0))
    work = OwnWork(commands, jobs, counts.get("task", 0))
    other = any(count for kind, count in counts.items() if kind not in PASSING)
    return work if work.counts() or not other else OwnWork(turns=max(1, counts.get("embedded-run", 0)))


def _kind(blocker: Json) -> str:
    """A task says what it is; the same work has an entry of its kind, too."""
    kind, task = str(blocker.get("kind")), blocker.get("task")
    facts: Any = task if isinstance(task, dict) else {}
    if kind == "background-exec" and facts:
        return "exec-task"
    return "cron" if kind == "task" and facts.get("runtime") == "cron" else kind
