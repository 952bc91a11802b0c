"""Where the time of a run goes, by file: which files are slow, which run together, and in what order they start.

`tests/slow.txt` is kept: the seconds of each file that takes some. Each run of all tests writes what it measured to
`.make/slow.txt`, to be copied over it when the order has become wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

TABLE = "slow.txt"
SLOW = 2.0  # seconds; a file that takes longer is not for `make quick`
SLOW_FOLDERS = ("e2e", "image")  # all of it, whatever the table says
TOGETHER = {  # files of e2e that share a started product: in one process, in this order
    "hurt": ("test_outages.py", "test_backup.py", "test_logs.py", "test_faults.py", "test_page_halt.py"),
    "product": (
        *("test_lifecycle.py", "test_messages.py", "test_long_texts.py", "test_page.py", "test_page_content.py"),
        *("test_page_approvals.py", "test_page_identity.py", "test_check.py"),
        "test_probe.py",
    ),
    "pages": (  # another product of that kind, for those that look at the page and hardly need the agent
        *("test_page_access.py", "test_page_actions.py", "test_page_answers.py", "test_page_links.py"),
        *("test_page_approval_cards.py", "test_page_session.py", "test_page_search.py"),
    ),
    "bot": (
        *("test_telegram_commands.py", "test_telegram_said.py", "test_telegram.py", "test_telegram_content.py"),
        "test_telegram_faults.py",
    ),
}
GROUPS = {f"e2e/{file}": group for group, files in TOGETHER.items() for file in files}
PRODUCTS = 2  # processes that may start some; a third one was no quicker, it only made each test slower
COMPUTING = ("simulation/", "domain/", "tables/", "services/", "docs/")
DEPLOYING = ("infra/",)  # the programs of an account, which wait for each other for some seconds at most
ATTACKS = ("security/test_strangers.py", "security/test_hostile_page.py", "security/test_other_account.py")
MOTO = "moto"  # takes seconds to be loaded
GROUPS |= dict.fromkeys(ATTACKS, "attacked")
GROUPS |= dict.fromkeys(("test_boundaries.py", "test_vocabulary.py"), "sources")  # each file is parsed once


@dataclass(frozen=True)
class Order:
    seconds: Mapping[str, float]  # by file, relative to tests/

    @classmethod
    def read(cls, tests: Path) -> Order:
        pairs = (line.split() for line in (tests / TABLE).read_text().splitlines())
        return cls({file: float(seconds) for seconds, file in pairs})

    def is_slow(self, file: str) -> bool:
        return file in self.seconds or PurePosixPath(file).parts[0] in SLOW_FOLDERS

    def place(self, file: str) -> tuple[float, str, int]:
        """To sort by: the group that takes longest first; within it, as it is written there."""
        group = group_of(file)
        files = [each for each, its in GROUPS.items() if its == group] or [file]
        least = 10.0 if group == MOTO else 0.0  # many quick files
        return -max(least, sum(self.seconds.get(each, 0.0) for each in files)), group, files.index(file)


def group_of(file: str) -> str:
    """What runs in one process: the files of a folder of `e2e`, those that share a product, or one file alone."""
    folder = PurePosixPath(file).parent
    if str(folder) in ("adapters", "app"):
        return MOTO
    return GROUPS.get(file) or (str(folder) if PurePosixPath("e2e") in folder.parents else file)


class ByGroup(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each process a whole group, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(super()._split_scope(nodeid).removeprefix("tests/"))

    def _assign_work_unit(self, node: Any) -> None:
        """What is no product fills the time in which products are waited for, and hardly takes any from them."""
        if is_aside(node.gateway.id):
            group = next_aside(self.workqueue)
            if group is None:
                node.shutdown()
                return
            self.workqueue.move_to_end(group, last=False)
        super()._assign_work_unit(node)


def is_aside(worker: str) -> bool:
    """It runs at a low priority."""
    return int(worker.removeprefix("gw")) >= PRODUCTS


def next_aside(groups: Iterable[str]) -> str | None:
    """What deploys before what only computes: a process that has once taken the lowest priority keeps it."""
    fitting = [group for group in groups if group.startswith(DEPLOYING) or only_computes(group)]
    return min(fitting, key=only_computes, default=None)


def only_computes(group: str) -> bool:
    """No program is started, and no clock but a test's own is looked at: it may wait for ever."""
    return group.startswith(COMPUTING)


class Times:
    """Adds up what the tests took, their fixtures too, and shows it by folder."""

    def __init__(self, tests: Path) -> None:
        self._tests = tests
        self._seconds: dict[str, float] = defaultdict(float)
        self._count: dict[str, int] = defaultdict(int)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file = report.location[0].removeprefix("tests/")
        self._seconds[file] += report.duration
        self._count[file] += report.when == "call"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        if config.args_source is not config.ArgsSource.TESTPATHS:
            return
        terminalreporter.write_line("seconds  tests  folder")
        for line in self._by_folder():
            terminalreporter.write_line(line)
        if config.option.markexpr == "not soak":
            self._write()

    def _by_folder(self) -> list[str]:
        seconds: dict[str, float] = defaultdict(float)
        count: dict[str, int] = defaultdict(int)
        for file, spent in self._seconds.items():
            seconds[_folder(file)] += spent
            count[_folder(file)] += self._count[file]
        return [f"{spent:7.0f}  {count[folder]:5}  {folder}" for folder, spent in _longest_first(seconds)]

    def _write(self) -> None:
        place = self._tests.parent / ".make" / TABLE
        place.parent.mkdir(exist_ok=True)
        lines = [f"{spent:4.0f} {file}" for file, spent in _longest_first(self._seconds) if spent >= SLOW]
        place.write_text("\n".join(lines) + "\n")


def _longest_first(seconds: Mapping[str, float]) -> Iterable[tuple[str, float]]:
    return sorted(seconds.items(), key=lambda pair: -pair[1])


def _folder(file: str) -> str:
    return str(PurePosixPath(file).parent) if "/" in file else "tests"
