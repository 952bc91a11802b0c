"""Databases that somebody holds or writes without end: backups go on, and say what they could not have."""

from __future__ import annotations

import sqlite3
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Kind
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.generations import Generations
from container.bridge.backup.limits import Waits
from tests.bridge.backup.holding import IDLE, ROWS, WAYS, filled, held
from tests.fakes.backup import in_turn
from tests.fakes.clock import FakeClock
from tests.fakes.objects import MemoryObjects

OURS = "agents/main/agent/openclaw-agent.sqlite"
THEIRS = "workspace/profile/Cookies"
BOUND = 20.0  # seconds, on a busy machine; without one it was for ever


class Agent:
    def __init__(self, place: Path) -> None:
        self.place, self.objects, self.epoch = place / "state", MemoryObjects(FakeClock()), 0

    def starts(self, folder: Path | None = None) -> Generations:
        self.epoch += 1
        waits = Waits(one=0.3, all=1.0)
        bucket = BackupBucket("ada", self.objects)
        made = Generations(bucket, self.epoch, DiskFolder(folder or self.place, waits), FakeClock(), in_turn)
        made.restore()
        return made

    def next_start(self) -> Path:
        folder = self.place.with_name(f"next-{self.epoch}")
        self.starts(folder)
        return folder

    @property
    def incomplete(self) -> tuple[str, ...]:
        head = BackupBucket("ada", self.objects).read().manifest.head
        assert head
        return head.incomplete


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    made = Agent(tmp_path)
    (made.place / "workspace").mkdir(parents=True)
    (made.place / "workspace/notes.md").write_text("remember")
    return made


def rows(path: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return database.execute("SELECT number, text FROM event WHERE number < 10000 ORDER BY number").fetchall()


@pytest.mark.parametrize("path", [OURS, THEIRS])
@pytest.mark.parametrize("way", WAYS)
def test_a_database_that_is_held_stops_no_backup_and_is_never_missing_silently(
    agent: Agent, way: str, path: str
) -> None:
    filled(agent.place / path)
    made = agent.starts()
    made.add(Kind.RUNNING)
    with held(way, agent.place / path):
        (agent.place / "workspace/new.md").write_text("said while it was held")
        began = time.monotonic()
        made.add(Kind.ASKED)
        took = time.monotonic() - began
    made.verify()
    there = agent.next_start()

    assert took < BOUND
    assert (there / "workspace/new.md").read_text() == "said while it was held"
    if agent.incomplete:
        assert agent.incomplete == (path,) and list(made.lost) == [path]
    if path == OURS or not agent.incomplete:
        found = rows(there / path)
        assert len(found) == ROWS and ("not committed") not in {text for _, text in found}


@pytest.mark.parametrize("way", IDLE)
def test_a_database_that_is_held_but_rests_is_saved_as_of_its_last_commit(agent: Agent, way: str) -> None:
    with held(way, agent.place / THEIRS):
        agent.starts().add(Kind.RUNNING)

    assert agent.incomplete == ()
    text = "in the log" if way == "browser_profile" else "committed" * 20
    assert rows(agent.next_start() / THEIRS)[1] == (1, text)


def test_many_that_are_held_take_no_more_time_than_a_few(agent: Agent) -> None:
    with ExitStack() as stack:
        for number in range(8):
            stack.enter_context(held("journal_that_writes", agent.place / f"workspace/{number}.db"))
        began = time.monotonic()
        agent.starts().add(Kind.RUNNING)
    assert time.monotonic() - began < BOUND


def test_openclaws_database_that_is_damaged_stays_as_it_was_and_is_named_until_it_can_be_read(agent: Agent) -> None:
    filled(agent.place / OURS)
    made = agent.starts()
    made.add(Kind.RUNNING)
    whole = (agent.place / OURS).read_bytes()
    (agent.place / OURS).write_bytes(whole[:18] + b"\xff" * 20_000)
    (agent.place / "workspace/new.md").write_text("new")

    made.add(Kind.RUNNING)
    assert agent.incomplete == (OURS,)
    assert (len(rows(agent.next_start() / OURS)), (agent.place / "workspace/new.md").exists()) == (ROWS, True)

    made = agent.starts()
    (agent.place / OURS).unlink()
    filled(agent.place / OURS)
    made.add(Kind.RUNNING)
    assert not agent.incomplete


def test_openclaws_database_that_never_could_be_read_is_saved_as_it_lies_there_and_named(agent: Agent) -> None:
    broken = b"SQLite format 3\0\x10\0" + b"\xff" * 8000
    (agent.place / OURS).parent.mkdir(parents=True)
    (agent.place / OURS).write_bytes(broken)
    made = agent.starts()

    made.add(Kind.RUNNING)

    assert agent.incomplete == (OURS,) and list(made.lost) == [OURS]
    assert (agent.next_start() / OURS).read_bytes() == broken


def test_a_torn_database_keeps_its_log_until_it_can_be_read(agent: Agent) -> None:
    """A start over it must not lose what only the log has."""
    filled(agent.place / THEIRS)
    with held("journal_that_writes", agent.place / THEIRS):
        agent.starts().add(Kind.RUNNING)
    there = agent.next_start()
    made = agent.starts(agent.place.with_name("last"))
    made.add(Kind.ASKED)

    assert there.exists() and agent.epoch == 3
    assert (agent.place.with_name("last") / THEIRS).exists()
