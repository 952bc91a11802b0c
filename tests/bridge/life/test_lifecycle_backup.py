"""The bridge's life and its backups: what comes first, what comes last, and what a failed restore leaves."""

from __future__ import annotations

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.agent import State
from chalicelib.domain.generations import Kind
from chalicelib.domain.notes import BACKUP_DAMAGED
from chalicelib.tables.backup_requests import BackupRequests
from container.bridge.backup.outcomes import Saved
from tests.fakes.backup import MemoryAgent
from tests.fakes.bridge import Desk, eventually, now
from tests.fakes.life import LONG, SHORT, Life
from tests.fakes.objects import MemoryObjects
from tests.tables.scenes import USER, accept


def saved(objects: MemoryObjects, **files: bytes) -> None:
    """An earlier epoch's last backup."""
    agent = MemoryAgent(USER, 0, BackupBucket(USER, objects))
    agent.restore()
    for path, content in files.items():
        agent.folder.put(path, content)
    assert agent.save() == Saved()


def test_openclaw_starts_over_the_restored_state() -> None:
    life = Life(Desk())
    saved(life.objects, note=b"from before")
    seen: list[dict[str, bytes]] = []
    life.control.go = lambda: seen.append(dict(life.agent.folder.files))  # type: ignore[method-assign]

    life.start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    life.lifecycle.request_stop("the test is over")
    life.ends()

    assert seen == [{"note": b"from before"}]


def test_the_last_backup_is_of_an_openclaw_that_has_ended() -> None:
    life = Life(Desk(), idle=SHORT)
    life.control.halt = lambda timeout: life.agent.folder.put("stopped", b"in good order")  # type: ignore[method-assign]

    life.start().ends()

    head = BackupBucket(USER, life.objects).read().manifest.head
    assert head and head.kind is Kind.STOP
    assert list(BackupBucket(USER, life.objects).listing(head.listing).files) == ["stopped"]


def test_what_cannot_be_restored_is_not_served_and_the_message_waits() -> None:
    desk = Desk()
    life = Life(desk, idle=LONG)
    saved(life.objects, note=b"from before")
    life.objects.damage(*life.objects.keys("/packs/"))
    before = dict(life.objects.bodies)
    accept(desk.store, "m1", "Hello")

    life.start().ends()

    agent = desk.rows.agents.get(USER)
    assert (agent.state, agent.pending, agent.note, agent.failures) == (State.IDLE, 1, BACKUP_DAMAGED, 1)
    assert desk.push.last("page", "status")["noteCode"] == BACKUP_DAMAGED
    assert "go" not in life.control.orders and life.statuses()[-1] == "idle"
    manifest = life.agent.bucket.manifest_key
    assert {**life.objects.bodies, manifest: b""} == {**before, manifest: b""}


def test_a_bridge_whose_backups_somebody_else_writes_ends_without_touching_the_row() -> None:
    life = Life(Desk(), idle=LONG)
    life.start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    MemoryAgent(USER, life.epoch + 1, life.agent.bucket).restore()  # which claims them

    BackupRequests(life.desk.store).request(life.desk.rows.agents.get(USER), now())
    life.agent.backups.ring()

    life.ends()
    assert life.state() is State.RUNNING
