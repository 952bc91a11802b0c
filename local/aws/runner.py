"""Turns tasks into processes and owns their lives: either program's end, or a stop, ends both, bridge first."""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.aws.definition import Definition
from local.aws.journal import Journal
from local.aws.task import AGENT, BRIDGE, EcsTask, Overrides, Status, StopCode, TaskOrder
from local.programs.process import ChildProcess

KEPT = 200  # stopped tasks that can still be described
AGENT_TIMEOUT = 1.5  # of the 10 s that the whole product has to end
log = logging.getLogger(__name__)


@dataclass
class Life:
    """A task with what is happening to it: names of programs that ended, None for a stop."""

    task: EcsTask
    events: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)
    processes: dict[str, ChildProcess] = field(default_factory=dict)
    thread: threading.Thread | None = None


class TaskRunner:
    def __init__(self, definition: Definition, journal: Journal) -> None:
        self.definition = definition
        self.journal = journal
        self.stop_timeout = definition.stop_timeout
        self.closing = False
        self._lives = {task.id: Life(task) for task in journal.ended()}
        self._lock = threading.Lock()
        definition.clean_all()

    def run(self, overrides: Overrides, started_by: str = "", token: str = "", provider: str = "FARGATE") -> EcsTask:
        """The same token gives the same task. While everything ends, nothing starts."""
        with self._lock:
            if self.closing:
                raise RuntimeError("Capacity is unavailable at this time.")
            name = hashlib.sha256(token.encode()).hexdigest()[:32] if token else uuid.uuid4().hex
            if name in self._lives:
                return self._lives[name].task
            life = Life(EcsTask(TaskOrder(name, overrides, started_by, provider)))
            self._lives[name] = life
            self._forget()
            self.journal.record(life.task)
        life.thread = threading.Thread(target=self._live, args=(life,), name=f"task {name}")
        life.thread.start()
        return life.task

    def find(self, arn: str) -> EcsTask | None:
        life = self._lives.get(arn.rpartition("/")[2])
        return life.task if life else None

    def tasks(self) -> list[EcsTask]:
        return [life.task for life in list(self._lives.values())]

    def stop(self, arn: str, reason: str = "Task stopped by user") -> EcsTask | None:
        life = self._lives.get(arn.rpartition("/")[2])
        if life is None:
            return None
        if life.task.status is not Status.STOPPED:
            life.task.stop(StopCode.USER, reason)
            life.events.put(None)
        return life.task

    def close(self, timeout: float) -> None:
        """Stop every task; its bridge has `timeout` seconds, also one that was stopping already."""
        with self._lock:
            self.closing, self.stop_timeout = True, timeout
        deadline = time.monotonic() + timeout
        lives = [life for life in self._lives.values() if life.thread]
        for life in lives:
            self.stop(life.task.arn, "The product is ending.")
        for life in lives:
            self._finish(life, deadline)

    def _finish(self, life: Life, deadline: float) -> None:
        assert life.thread
        life.thread.join(max(0.0, deadline - time.monotonic()))
        if life.thread.is_alive() and (bridge := life.processes.get(BRIDGE)):
            bridge.kill()
        life.thread.join(AGENT_TIMEOUT)

    def _live(self, life: Life) -> None:
        task = life.task
        try:
            self._start(life)
            life.events.get()
            task.stop(StopCode.EXITED, "Essential container in task exited")
        except OSError as error:
            log.exception("task %s did not start", task.id)
            task.stop(StopCode.FAILED, str(error))
        task.status = Status.STOPPING
        self._end(life, BRIDGE, self.stop_timeout)
        self._end(life, AGENT, AGENT_TIMEOUT if self.closing else self.stop_timeout)
        task.status = Status.DEPROVISIONING
        self.definition.clean(task)
        task.end()
        self.journal.record(task)
        log.info("task %s stopped: %s", task.id, task.stop_reason and task.stop_reason.text)

    def _start(self, life: Life) -> None:
        """The agent first, because the bridge depends on it."""
        task, definition = life.task, self.definition
        task.status = Status.PENDING
        environments = definition.environments(task)
        for name in (AGENT, BRIDGE):
            self._spawn(life, name, environments[name])
        task.start()
        log.info("task %s runs at %s", task.id, environments[BRIDGE]["BRIDGE_ADDRESS"])

    def _spawn(self, life: Life, name: str, environ: Mapping[str, str]) -> None:
        process = self.definition.spawn(life.task, name, environ)
        life.processes[name] = process

        def watch() -> None:
            life.task.containers[name].exit_code = process.wait()
            life.task.containers[name].status = Status.STOPPED
            life.events.put(name)

        threading.Thread(target=watch, name=f"{name} of {life.task.id}", daemon=True).start()

    def _end(self, life: Life, name: str, timeout: float) -> None:
        if process := life.processes.get(name):
            process.end(timeout)

    def _forget(self) -> None:
        stopped = [name for name, life in self._lives.items() if life.task.status is Status.STOPPED]
        for name in stopped[:-KEPT]:
            del self._lives[name]
