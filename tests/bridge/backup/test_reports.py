"""What backups tell people, and hear from them, over the agent's row."""

from __future__ import annotations

from chalicelib.domain.notes import BACKUP_FAILING
from chalicelib.store import Item, Key, Table
from chalicelib.tables.backup_requests import BackupRequests
from container.bridge.backup.reports import RowTalk
from tests.fakes.bridge import Desk, now
from tests.tables.scenes import USER, restarted


def talk(desk: Desk) -> RowTalk:
    return RowTalk(desk.agent.epoch, desk.deliveries, BackupRequests(desk.store))


def test_a_note_is_on_the_row_and_on_the_page_until_it_is_taken_away() -> None:
    desk = Desk()
    talk(desk).say(BACKUP_FAILING)
    assert desk.rows.agents.get(USER).note == BACKUP_FAILING
    assert desk.push.last("page", "status")["noteCode"] == BACKUP_FAILING

    talk(desk).say(None)

    assert desk.rows.agents.get(USER).note is None
    assert "note" not in desk.push.last("page", "status")


def test_an_epoch_that_is_over_says_nothing() -> None:
    desk = Desk()
    restarted(desk.store)
    talk(desk).say(BACKUP_FAILING)
    assert desk.rows.agents.get(USER).note is None


def test_an_ask_is_heard_until_it_is_answered() -> None:
    desk = Desk()
    assert talk(desk).asked() is None
    assert BackupRequests(desk.store).request(desk.rows.agents.get(USER), now())
    asked = talk(desk).asked()
    assert asked
    talk(desk).answered("another")
    assert talk(desk).asked() == asked
    talk(desk).answered(asked)
    assert talk(desk).asked() is None


def test_a_table_that_is_away_stops_no_backup() -> None:
    desk = Desk()

    class Away:
        def get(self, table: Table, key: Key) -> Item | None:
            raise OSError("no route")

        def write(self, *writes: object) -> Item:
            raise OSError("no route")

    for part in (desk.rows.agents, desk.rows.connections):
        object.__setattr__(part, "store", Away())
    away = RowTalk(desk.agent.epoch, desk.deliveries, BackupRequests(Away()))  # type: ignore[arg-type]
    away.say(BACKUP_FAILING)
    away.answered("2026")
    assert away.asked() is None
