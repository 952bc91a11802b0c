"""Starts the programs of the local product in order, watches them, and ends them so that nothing is lost."""

from __future__ import annotations

import queue
import signal
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

from local.checks import check_disk, check_port, check_state
from local.config import LocalConfig
from local.docker.image import prepare
from local.errors import ProgramFailed
from local.programs.lock import held
from local.programs.plans import aws, cloud, demo_model, telegram
from local.programs.program import Plan, Program, ProgramFolders

Say = Callable[[str], None]
TASKS_TIMEOUT = 7.5  # the embedded AWS ends the tasks first; everything is over within 10 s
PROGRAM_TIMEOUT = 1.0


class Launcher:
    def __init__(self, config: LocalConfig, say: Say) -> None:
        self.config = config
        self.say = say
        self.programs: list[Program] = []
        self._events: queue.SimpleQueue[Program | None] = queue.SimpleQueue()  # an end that was not asked for, a signal

    def run(self) -> None:
        """Until a signal; raises `LocalError` for everything that cannot go on."""
        check_disk(self.config.state)
        with held(self.config.state / "lock") as lock:
            for port in (self.config.port, self.config.port + 1):
                check_port(port)
            check_state(self.config.state)
            self._listen()
            try:
                self._start(lock)
                self._watch()
            finally:
                self._end()

    def _start(self, lock: int) -> None:
        self._prepare_image()
        config = self.config
        folders = ProgramFolders(config.root, config.logs, lock)
        model = self._launch(demo_model(config), folders)["url"]
        endpoint = self._launch(aws(config, model), folders)["endpoint"]
        address = self._launch(cloud(config, endpoint), folders)["address"]
        _ask(config.origin + "/config.json")
        if config.telegram_token:
            self.say(self._launch(telegram(config), folders)["message"])
        self.say(f"Ready: {address}")

    def _prepare_image(self) -> None:
        if docker := self.config.docker:
            log = self.config.logs / "image.log"
            ready = prepare(docker, self.config.root, log, self.say, self._stop_if_asked)
            self.config = replace(self.config, docker=ready)

    def _launch(self, plan: Plan, folders: ProgramFolders) -> dict[str, str]:
        self._stop_if_asked()
        self.say(f"Starting {plan.title} …")
        program = Program(plan, folders, self._events.put)
        self.programs.append(program)
        return program.wait_until_ready()

    def _watch(self) -> None:
        ended = self._events.get()
        if ended is not None:
            raise ProgramFailed(f"{ended.plan.title} ended by itself. {ended.log_tail()}")

    def _stop_if_asked(self) -> None:
        if not self._events.empty():
            self._watch()
            raise Interrupted

    def _end(self) -> None:
        """The embedded AWS first, while bridges can still push and commit; then what they needed."""
        if self.programs:
            self.say("Ending: agents save their state …")
        for program in (found for found in self.programs if found.plan.module == "local.aws"):
            program.end(TASKS_TIMEOUT)
        for program in self.programs:
            program.terminate()
        for program in self.programs:
            program.end(PROGRAM_TIMEOUT)
        self.say("Ended.")

    def _listen(self) -> None:
        def ask(_number: int, _frame: FrameType | None) -> None:
            self._events.put(None)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, ask)


class Interrupted(Exception):
    """Asked to end while starting."""


def _ask(url: str) -> None:
    with urllib.request.urlopen(url, timeout=10) as response:
        response.read()
