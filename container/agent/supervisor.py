"""Keeps one OpenClaw alive: starts it when the bridge says go, again when it dies or the bridge asks.

It never ends because OpenClaw misbehaves: it reports, waits a little longer each time, and tries again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from container.agent.control import Control, Order, Report, State

log = logging.getLogger(__name__)

POLL = 0.05
READY_POLL = 0.25  # to ask a program whether it is ready makes it slower
STEADY = 30.0  # seconds of life after which a death is news again, not one more of a row
FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
CONFIG_PROBLEM = 78  # OpenClaw's exit code for a configuration or state it cannot use
BRIDGE_TIMEOUT = timedelta(seconds=90)  # for its word that nobody waits for an answer any more; of the 120 of a stop
RESTART_BUDGET = timedelta(seconds=3)  # who asks for a restart, or a halt, has given up on the running turn


AT_ONCE = timedelta()


class OpenClawRun(Protocol):
    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def stop(self, budget: timedelta, hurry: Callable[[], bool]) -> int: ...
    def clear(self) -> int: ...


class OpenClawProgram(Protocol):
    def start(self, order: Order) -> OpenClawRun: ...
    def is_ready(self) -> bool: ...
    def keep(self) -> list[str]: ...


class Signals(Protocol):
    """SIGTERM and SIGINT, counted; `wait` sleeps but returns at once when one comes."""

    @property
    def count(self) -> int: ...
    def wait(self, seconds: float) -> bool: ...


class OpenClawSupervisor:
    def __init__(
        self,
        control: Control,
        program: OpenClawProgram,
        signals: Signals,
        stop_budget: timedelta,
    ) -> None:
        self._control = control
        self._program = program
        self._signals = signals
        self._stop_budget = stop_budget
        self._starts = 0
        self._delay = FIRST_DELAY
        self._said: Report | None = None
        self._first: Order | None = None

    def run(self) -> None:
        """Returns after the first SIGTERM or SIGINT, with no process left."""
        self._control.write_report(Report("waiting"))
        while self._signals.count == 0:
            order = self._read_order()
            if order is None or order.halt:
                self._signals.wait(POLL)
            else:
                self._run_once(order)

    def _read_order(self) -> Order | None:
        """Only to start again, or to halt, comes later: what else the agent may write there is no order."""
        if (order := self._control.read_order()) is None:
            return None
        self._first = self._first or order
        return replace(self._first, restarts=order.restarts, halt=order.halt)

    def _run_once(self, order: Order) -> None:
        self._starts += 1
        try:
            process = self._program.start(order)
        except OSError as error:
            log.error("OpenClaw could not be started: %s", error)
            self._wait_again(Report("exited", self._starts, problem=f"could not be started: {error}"))
            return
        log.info("OpenClaw started: start %d, pid %d", self._starts, process.pid)
        self._report("starting", process)
        lived = self._watch(process, order)
        self._end(process, lived)

    def _watch(self, process: OpenClawRun, order: Order) -> float:
        """Until it dies or has to; returns how long it lived, in seconds."""
        asked: float | None = 0.0  # when we last asked whether it is ready; None: it is
        lived = 0.0
        while process.poll() is None and self._signals.count == 0:
            if self._control_changed(order):
                break
            if asked is not None and lived - asked >= READY_POLL:
                asked = None if self._program.is_ready() else lived
            self._report("starting" if asked is not None else "running", process)
            self._signals.wait(POLL)
            lived += POLL
        return lived

    def _report(self, state: State, process: OpenClawRun) -> None:
        """Only what is new."""
        report = Report(state, self._starts, process.pid, changed=tuple(self._program.keep()))
        if report != self._said:
            self._control.write_report(report)
            self._said = report

    def _control_changed(self, order: Order) -> bool:
        now = self._read_order()
        return now is not None and (now.halt or now.restarts > order.restarts)

    def _await_bridge(self, process: OpenClawRun) -> timedelta:
        """Spot may tell both containers at once: an answer that the bridge waits for is not cut off here.

        How long that took.
        """
        asked, waited = self._signals.count, AT_ONCE
        while self._control.bridge_lives() and waited < BRIDGE_TIMEOUT and process.poll() is None:
            order = self._read_order()
            if self._signals.count > asked or order is None or order.halt:
                break
            self._report("running", process)
            self._signals.wait(POLL)
            waited += timedelta(seconds=POLL)
        return waited

    def _end(self, process: OpenClawRun, lived: float) -> None:
        if process.poll() is None:
            asked = self._signals.count
            waited = self._await_bridge(process) if asked else None
            budget = self._stop_budget if waited == AT_ONCE else RESTART_BUDGET
            code = process.stop(budget, lambda: self._signals.count > max(asked, 1))
            log.info("OpenClaw stopped with exit code %d", code)
            self._control.write_report(Report("exited", self._starts, exit_code=code))
            self._delay = FIRST_DELAY
            return
        code = process.clear()
        log.error("OpenClaw died with exit code %d after %.1f s", code, lived)
        self._delay = FIRST_DELAY if lived >= STEADY else self._delay
        self._wait_again(Report("exited", self._starts, exit_code=code, problem=_explain(code)))

    def _wait_again(self, report: Report) -> None:
        self._control.write_report(report)
        delay = LONGEST_DELAY if report.exit_code == CONFIG_PROBLEM else self._delay
        if not self._signals.count:  # one that came before is not heard again by a wait
            self._signals.wait(delay)
        self._delay = min(self._delay * 2, LONGEST_DELAY)


def _explain(code: int) -> str:
    if code == CONFIG_PROBLEM:
        return "its configuration is invalid, or another OpenClaw owns its state (exit code 78)"
    return f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
