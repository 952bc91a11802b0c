"""The folders that agent and bridge share: whatever lies there costs no time, no memory and no file of anybody's."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from container.agent.config import AgentConfig
from container.agent.control import Control, Order, Report, replace_file
from container.agent.openclaw import OpenClaw
from container.agent.prebaked import Prebaked
from container.bridge.openclaw.supervisor import ControlFolder
from container.files import SMALL, NotAFile, is_file, read_file

Plant = Callable[[Path, Path], None]  # at a path; somewhere else is a file of ours
OURS = '{"token": "ours", "state": "running"}'
SETTINGS = "agents/main/agent/settings.json"
ENVIRON = {"LLM_MODEL": "demo/demo-1", "DEMO_MODEL_URL": "http://127.0.0.1:1", "PATH": os.environ["PATH"]}


def pipe(at: Path, _ours: Path) -> None:
    os.mkfifo(at)


def link(at: Path, ours: Path) -> None:
    at.symlink_to(ours)


def link_to_itself(at: Path, _ours: Path) -> None:
    at.symlink_to(at)


def link_to_nothing(at: Path, ours: Path) -> None:
    at.symlink_to(ours.with_name("not-there-yet"))


def folder(at: Path, _ours: Path) -> None:
    (at / "inside").mkdir(parents=True)


def large(at: Path, _ours: Path) -> None:
    at.write_text(" " * SMALL + OURS)


def endless(at: Path, _ours: Path) -> None:
    at.write_bytes(b"")
    os.truncate(at, 2**40)


def device(at: Path, _ours: Path) -> None:
    at.symlink_to("/dev/zero")


def deep(at: Path, _ours: Path) -> None:
    at.write_text("[" * (SMALL - 1))


def no_text(at: Path, _ours: Path) -> None:
    at.write_bytes(b"\xff\xfe\0")


def of_another_kind(at: Path, _ours: Path) -> None:
    at.write_text("[1, 2]")


def infinite(at: Path, _ours: Path) -> None:
    at.write_text('{"token": {}, "restarts": 1e999, "state": {}}')


NO_FILES: list[Plant] = [pipe, link, link_to_itself, link_to_nothing, folder, large, endless, device]
PLANTED: list[Plant] = [*NO_FILES, deep, no_text, of_another_kind, infinite]


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    file = tmp_path / "elsewhere" / "ours"
    file.parent.mkdir()
    file.write_text(OURS)
    return file


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    place = tmp_path / "shared"
    place.mkdir()
    return place


def in_time(work: Callable[[], object]) -> None:
    """A pipe would hold it for ever."""
    done = threading.Thread(target=work, daemon=True)
    done.start()
    done.join(20)
    assert not done.is_alive(), "it hangs"


@pytest.mark.parametrize("plant", NO_FILES)
def test_what_is_no_small_file_is_not_read(shared: Path, ours: Path, plant: Plant) -> None:
    plant(shared / "file", ours)

    def look() -> None:
        with pytest.raises(OSError):
            read_file(shared, "file")

    in_time(look)


@pytest.mark.parametrize("plant", PLANTED)
def test_the_last_backup_does_not_wait_for_what_the_agent_reports(shared: Path, ours: Path, plant: Plant) -> None:
    """A pipe at control/agent.json cost the last backup and 120 s."""
    plant(shared / "agent.json", ours)
    naps = list[float]()
    in_time(lambda: ControlFolder(shared, "token", naps.append).halt(60.0))
    assert naps == [], "nothing there says that OpenClaw runs"
    assert Control(shared).read_order() == Order("token", 0, halt=True)


@pytest.mark.parametrize("plant", PLANTED)
def test_what_is_no_order_starts_nothing(shared: Path, ours: Path, plant: Plant) -> None:
    plant(shared / "go.json", ours)
    in_time(lambda: Control(shared).read_order())
    assert Control(shared).read_order() is None


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("name", ["go.json", "agent.json"])
def test_what_is_written_takes_the_place_of_what_was_planted(shared: Path, ours: Path, plant: Plant, name: str) -> None:
    plant(shared / name, ours)
    if name == "go.json":
        in_time(ControlFolder(shared, "new").go)
        assert Control(shared).read_order() == Order("new", 0)
    else:
        in_time(lambda: Control(shared).write_report(Report("running", 1, 7)))
        assert json.loads(read_file(shared, name)) == {"state": "running", "starts": 1, "pid": 7}
    assert ours.read_text() == OURS
    assert sorted(each.name for each in ours.parent.iterdir()) == ["ours"]
    assert stat.S_IMODE((shared / name).lstat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["go.json.new", "agent.json.new", ".go.json.new"])
def test_a_draft_has_no_name_that_could_be_foreseen(shared: Path, ours: Path, name: str) -> None:
    (shared / name).symlink_to(ours)
    ControlFolder(shared, "token").go()
    Control(shared).write_report(Report("waiting"))
    assert ours.read_text() == OURS
    assert Control(shared).read_order() is not None


def test_no_draft_is_left(shared: Path) -> None:
    for _ in range(20):
        replace_file(shared / "go.json", "{}")
    assert [each.name for each in shared.iterdir()] == ["go.json"]


def test_a_folder_that_cannot_be_written_costs_no_backup(shared: Path) -> None:
    shared.rmdir()
    ControlFolder(shared, "token").halt(0.1)  # made anew
    assert Control(shared).read_order() == Order("token", 0, halt=True)
    gone = ControlFolder(shared / "go.json", "token")
    gone.halt(0.1)


def openclaw(state: Path, **changes: object) -> OpenClaw:
    control = state.with_name("control")
    environ = {**ENVIRON, "STATE_DIR": str(state), "CONTROL_DIR": str(control)}
    return OpenClaw(replace(AgentConfig.from_env(environ), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("plant", [*NO_FILES, deep, no_text, of_another_kind])
@pytest.mark.parametrize("path", ["openclaw.json", SETTINGS, "openclaw.json.bak", "home"])
def test_the_files_of_a_start_are_written_where_they_belong(shared: Path, ours: Path, plant: Plant, path: str) -> None:
    """Whatever a backup, or the agent's hands, have put into their place."""
    (shared / path).parent.mkdir(parents=True, exist_ok=True)
    plant(shared / path, ours)
    in_time(openclaw(shared).prepare_state)
    assert json.loads((shared / "openclaw.json").read_text())["gateway"]["bind"] == "loopback"
    assert json.loads((shared / SETTINGS).read_text())["retry"]
    assert all(is_file(shared, each) for each in ("openclaw.json", SETTINGS))
    assert stat.S_ISDIR((shared / "home").lstat().st_mode)
    assert not (shared / "openclaw.json.bak").exists()
    assert ours.read_text() == OURS
    assert [each.name for each in ours.parent.iterdir()] == ["ours"]


@pytest.mark.parametrize("part", ["agents", "agents/main", "agents/main/agent"])
def test_no_start_writes_through_a_folder_that_is_a_link(shared: Path, ours: Path, part: str) -> None:
    (shared / part).parent.mkdir(parents=True, exist_ok=True)
    (shared / part).symlink_to(ours.parent)
    openclaw(shared).prepare_state()
    assert [each.name for each in ours.parent.iterdir()] == ["ours"]
    assert is_file(shared, SETTINGS)


@pytest.mark.parametrize("suffix", ["", "-wal", "-journal", "-shm"])
@pytest.mark.parametrize("plant", [pipe, link, link_to_itself, folder])
def test_no_start_opens_what_is_no_database(shared: Path, ours: Path, plant: Plant, suffix: str) -> None:
    (shared / "state").mkdir()
    if suffix:
        with closing(sqlite3.connect(shared / "state/openclaw.sqlite")) as database:
            database.execute("CREATE TABLE schema_meta (meta_key, app_version)")
    plant(shared / f"state/openclaw.sqlite{suffix}", ours)
    in_time(openclaw(shared).prepare_state)
    assert ours.read_text() == OURS
    assert is_file(shared, "openclaw.json")


def test_what_the_image_brings_is_not_copied_through_a_link(shared: Path, ours: Path, tmp_path: Path) -> None:
    brought = Prebaked(tmp_path / "prebaked")
    (brought.state / "agents").mkdir(parents=True)
    (brought.state / "agents" / "planted").write_text("")
    (shared / "agents").symlink_to(ours.parent)
    brought.seed(shared)
    assert [each.name for each in ours.parent.iterdir()] == ["ours"]


@pytest.mark.parametrize("path", ["../elsewhere/ours", "..", ".", "a/../../elsewhere/ours", ""])
def test_no_path_leads_out_of_the_folder(shared: Path, ours: Path, path: str) -> None:
    (shared / "a").mkdir()
    with pytest.raises((NotAFile, OSError)):
        read_file(shared, path)
    assert not is_file(shared, path)
