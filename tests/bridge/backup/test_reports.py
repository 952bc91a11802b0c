"""What backups tell people, and hear from them, over the agent's row."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.notes import BACKUP_FAILING
from chalicelib.store import Item, Key, Table
from chalicelib.tables.backup_requests import BackupRequests
from container.bridge.backup.reports import RowReports
from container.bridge.ports import Owner
from tests.fakes.bridge import Desk, now
from tests.tables.scenes import USER, restarted


def reports(desk: Desk) -> RowReports:
    owner = Owner(USER, desk.agent.epoch)
    return RowReports(owner, desk.rows.agents, BackupRequests(desk.store), desk.deliveries.status)


def test_a_note_is_on_the_row_and_on_the_page_until_it_is_taken_away() -> None:
    desk = Desk()
    reports(desk).note(BACKUP_FAILING)
    assert desk.rows.agents.get(USER).note == BACKUP_FAILING
    assert desk.push.last("page", "status")["noteCode"] == BACKUP_FAILING

    reports(desk).note(None)

    assert desk.rows.agents.get(USER).note is None
    assert "note" not in desk.push.last("page", "status")


def test_an_epoch_that_is_over_says_nothing() -> None:
    desk = Desk()
    restarted(desk.store)
    reports(desk).note(BACKUP_FAILING)
    assert desk.rows.agents.get(USER).note is None


def test_an_ask_is_heard_until_it_is_answered() -> None:
    desk = Desk()
    assert reports(desk).asked() is None
    assert BackupRequests(desk.store).request(desk.rows.agents.get(USER), now())
    asked = reports(desk).asked()
    assert asked
    reports(desk).answered("another")
    assert reports(desk).asked() == asked
    reports(desk).answered(asked)
    assert reports(desk).asked() is None


def test_a_table_that_is_away_stops_no_backup() -> None:
    desk = Desk()

    class Away:
        def get(self, table: Table, key: Key) -> Item | None:
            raise OSError("no route")

        def write(self, *writes: object) -> Item:
            raise OSError("no route")

    for part in (desk.rows.agents, desk.rows.connections):
        object.__setattr__(part, "store", Away())
    away = replace(reports(desk), requests=BackupRequests(Away()))  # type: ignore[arg-type]
    away.note(BACKUP_FAILING)
    away.answered("2026")
    assert away.asked() is None
