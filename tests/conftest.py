"""Files run side by side, the longest first; what a test says stands at the end, whichever process ran it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.times import ByGroup, Order, Times, group_of, is_aside, only_computes

ROOT = Path(__file__).parent
LOW, LOWEST = 5, 19  # of the priorities a process can have


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Adds a line to the summary of the run."""
    said: list[tuple[str, object]] = request.node.user_properties
    return lambda line: said.append(("said", line))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # only where all reports come together
        config.pluginmanager.register(Times(ROOT), "times")
        return
    gc.disable()  # until all is collected
    if is_aside(config.workerinput["workerid"]):
        os.nice(LOW)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """At the lowest priority a process may get nothing for seconds, which is longer than our clients wait."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and is_aside(worker) and only_computes(group_of(_file(item))):
        os.nice(LOWEST - os.nice(0))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByGroup:
    return ByGroup(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is deselected need not be imported, which takes as long as many tests."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return Order.read(ROOT).is_slow(collection_path.relative_to(ROOT).as_posix()) or None


def pytest_collection_finish() -> None:
    """What was imported stays: to look through it again and again takes a tenth of a quick run."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = Order.read(ROOT)
    items.sort(key=lambda item: order.place(_file(item)))
    for item in items:
        if order.is_slow(_file(item)):
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _said(terminalreporter):
        terminalreporter.write_line(line)


def _said(reporter: pytest.TerminalReporter) -> Iterator[str]:
    for report in (report for reports in reporter.stats.values() for report in reports):
        if getattr(report, "when", "") == "teardown":
            yield from (str(line) for name, line in report.user_properties if name == "said")
    missing = {report.longrepr[2] for report in reporter.stats.get("skipped", []) if "tests/image" in report.nodeid}
    yield from (f"The image was not tested. {reason.removeprefix('Skipped: ')}" for reason in missing)


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT).as_posix()
