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
from local.aws.outage import read_failure, takes_back
from local.aws.task import AGENT, BRIDGE, EcsTask, Overrides, Status, StopCode, TaskOrder
from local.programs.process import ChildProcess

LOOK = 0.2  # seconds between two looks at what Spot wants
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


def _comes(life: Life, seconds: float) -> bool:
    """An event of the task, within this time."""
    try:
        life.events.get(timeout=seconds)
    except queue.Empty:
        return False
    return True


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
            if self._start(life):
                self._wait(life)
        except OSError as error:
            log.warning("task %s did not start: %s", task.id, error)
            task.stop(StopCode.FAILED, str(error))
        task.status = Status.STOPPING
        self._end(life)
        task.status = Status.DEPROVISIONING
        self.definition.clean(task)
        task.end()
        self.journal.record(task)
        log.info("task %s stopped: %s", task.id, task.stop_reason and task.stop_reason.text)

    def _start(self, life: Life) -> bool:
        """The agent first, because the bridge depends on it. False if it was stopped before it ran."""
        task, definition = life.task, self.definition
        for status in (Status.PROVISIONING, Status.PENDING):
            task.status = status
            if _comes(life, definition.pause):
                return False
        if words := read_failure(definition.state):
            raise OSError(words)
        environments = definition.environments(task)
        for name in (AGENT, BRIDGE):
            self._spawn(life, name, environments[name])
        task.start()
        log.info("task %s runs at %s", task.id, environments[BRIDGE]["BRIDGE_ADDRESS"])
        return True

    def _wait(self, life: Life) -> None:
        """Until a program ends, somebody stops it, or Spot takes it back."""
        began = time.time()
        while not _comes(life, LOOK):
            if takes_back(self.definition.state, began):
                life.task.stop(StopCode.SPOT, "Your Spot Task was interrupted.")
                return
        life.task.stop(StopCode.EXITED, "Essential container in task exited")

    def _spawn(self, life: Life, name: str, environ: Mapping[str, str]) -> None:
        process = self.definition.spawn(life.task, name, environ)
        life.processes[name] = process

        def watch() -> None:
            life.task.containers[name].exit_code = process.wait()
            life.task.containers[name].status = Status.STOPPED
            life.events.put(name)

        threading.Thread(target=watch, name=f"{name} of {life.task.id}", daemon=True).start()

    def _end(self, life: Life) -> None:
        """The bridge first, because it depends on the agent; where Spot takes the machine, both at once."""
        reason, began = life.task.stop_reason, time.monotonic()
        processes = {name: life.processes[name] for name in (BRIDGE, AGENT) if name in life.processes}
        at_once = reason is not None and reason.code is StopCode.SPOT
        for process in processes.values() if at_once else ():
            process.terminate()
        for name, process in processes.items():
            timeout = AGENT_TIMEOUT if self.closing and name == AGENT else self.stop_timeout
            process.finish(max(0.0, began + timeout - time.monotonic())) if at_once else process.end(timeout)

    def _forget(self) -> None:
        stopped = [name for name, life in self._lives.items() if life.task.status is Status.STOPPED]
        for name in stopped[:-KEPT]:
            del self._lives[name]
