"""Files run side by side, the slow ones first; what a test says stands at the end, whichever process ran it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SLOW = ("e2e", "image", "simulation", "infra")  # first, or one of them would run alone at the end


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Adds a line to the summary of the run."""
    said: list[tuple[str, object]] = request.node.user_properties
    return lambda line: said.append(("said", line))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: SLOW.index(_folder(item)) if _folder(item) in SLOW else len(SLOW))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _said(terminalreporter):
        terminalreporter.write_line(line)


def _said(reporter: pytest.TerminalReporter) -> Iterator[str]:
    for report in (report for reports in reporter.stats.values() for report in reports):
        if getattr(report, "when", "") == "teardown":
            yield from (str(line) for name, line in report.user_properties if name == "said")
    missing = {report.longrepr[2] for report in reporter.stats.get("skipped", []) if "tests/image" in report.nodeid}
    yield from (f"The image was not tested. {reason.removeprefix('Skipped: ')}" for reason in missing)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]
