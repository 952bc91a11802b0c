"""Restore points as their owner sees them: listing, asking, going back and undoing that, taking one home."""

from __future__ import annotations

import io
import random
import tarfile
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.agent import State
from chalicelib.domain.generations import Kind
from chalicelib.domain.notes import BACKUP_DAMAGED, BACKUP_FAILING, FOR_THE_OWNER, incomplete
from chalicelib.errors import AgentBusy, DamagedBackup, InvalidMessage, NotFound, StorageUnavailable
from chalicelib.services.backups import BackupService
from container.bridge.backup.outcomes import NotRestored, Restored
from tests.fakes.backup import MemoryAgent
from tests.fakes.concurrency import AtOnce
from tests.fakes.world import World

MB = 1024 * 1024


class Home:
    """A user whose agent wakes, changes something and sleeps again."""

    def __init__(self) -> None:
        self.world = World()
        self.objects, self.clock, self.agents = self.world.objects, self.world.clock, self.world.agents

    @property
    def service(self) -> BackupService:
        return self.world.services.backups

    def wake(self) -> MemoryAgent:
        self.world.services.lifecycle.start("ada")
        epoch = self.world.agent.epoch
        bucket = BackupBucket("ada", self.objects)
        made = MemoryAgent("ada", epoch, bucket, AtOnce(self.clock.sleep), self.clock)
        if isinstance(made.restore(), Restored):
            assert self.agents.ready("ada", epoch, self.clock())
        return made

    def sleep(self) -> None:
        assert self.agents.stopped(self.world.agent, self.clock())

    def lives(self, **files: bytes) -> None:
        """One day of the agent."""
        agent = self.wake()
        for path, content in files.items():
            agent.folder.put(path, content)
        agent.save()
        self.sleep()
        self.clock.advance(minutes=10)

    def remembers(self) -> dict[str, bytes]:
        agent = self.wake()
        self.sleep()
        return agent.folder.files


@pytest.fixture
def home() -> Home:
    home = Home()
    home.lives(note=b"first")
    home.lives(note=b"second")
    return home


def test_points_are_listed_newest_first(home: Home) -> None:
    assert [point.number for point in home.service.points("ada")] == [2, 1]
    assert home.service.points("nobody") == ()


def test_a_restored_point_is_what_the_agent_wakes_up_with(home: Home) -> None:
    restored = home.service.restore("ada", "1")

    assert (restored.kind, restored.source, restored.number) == (Kind.RESTORED, 1, 3)
    assert home.remembers() == {"note": b"first"}


def test_restoring_can_be_undone(home: Home) -> None:
    home.service.restore("ada", "1")
    home.lives(note=b"third")

    home.service.restore("ada", "2")

    assert home.remembers() == {"note": b"second"}


def test_a_second_click_restores_nothing_twice(home: Home) -> None:
    first = home.service.restore("ada", "1")
    assert home.service.restore("ada", "1") == first
    assert home.service.restore("ada", str(first.number)) == first
    assert len(home.service.points("ada")) == 3


def test_nothing_is_restored_under_an_agent_that_is_awake(home: Home) -> None:
    home.wake()
    with pytest.raises(AgentBusy, match="put it to sleep"):
        home.service.restore("ada", "1")


def test_an_agent_that_wakes_in_the_same_moment_wins(home: Home) -> None:
    woken: list[MemoryAgent] = []

    def wake(call: str) -> bool:
        if call.startswith("replace"):
            home.objects.refuses = lambda call: False
            woken.append(home.wake())
        return False

    home.objects.refuses = wake
    with pytest.raises(AgentBusy, match="waking up"):
        home.service.restore("ada", "1")
    assert isinstance(woken[0].restored, Restored)
    assert [point.number for point in home.service.points("ada")] == [2, 1]


def test_what_is_not_there_or_no_number_is_refused(home: Home) -> None:
    with pytest.raises(NotFound):
        home.service.restore("ada", "9")
    for odd in ("x", "-1", ""):
        with pytest.raises(InvalidMessage):
            home.service.restore("ada", odd)


def test_a_point_whose_objects_are_missing_is_not_restored(home: Home) -> None:
    home.objects.delete(home.objects.keys("/packs/"))
    with pytest.raises(DamagedBackup, match="another one"):
        home.service.restore("ada", "1")


def test_an_older_point_is_the_way_out_of_a_damaged_one(home: Home) -> None:
    listing = home.service.points("ada")[0].listing
    home.objects.damage(*home.objects.keys(listing))
    assert home.wake().restored == NotRestored(BACKUP_DAMAGED)
    home.agents.set_note("ada", home.world.agent.epoch, BACKUP_DAMAGED)
    home.sleep()

    home.service.restore("ada", "1")

    assert home.world.agent.note is None
    assert home.remembers() == {"note": b"first"}


def test_who_asks_while_no_backup_can_be_made_is_told_so(home: Home) -> None:
    home.wake()
    home.agents.set_note("ada", home.world.agent.epoch, BACKUP_FAILING)
    with pytest.raises(StorageUnavailable, match="cannot be written right now"):
        home.service.ask("ada")
    assert home.world.doorbell.rung == []

    home.agents.set_note("ada", home.world.agent.epoch, incomplete("workspace/held.db", 1))
    assert home.service.ask("ada") == home.clock()


@pytest.mark.parametrize("note", sorted(FOR_THE_OWNER))
def test_an_older_point_is_the_way_out_of_one_that_this_disk_does_not_take(home: Home, note: str) -> None:
    home.agents.set_note("ada", home.world.agent.epoch, note)

    home.service.restore("ada", "1")

    assert home.world.agent.note is None
    assert home.remembers() == {"note": b"first"}


def test_a_running_agent_is_asked_and_rung(home: Home) -> None:
    home.wake()

    asked = home.service.ask("ada")

    assert asked == home.clock()
    assert home.world.doorbell.rung == [("ada", home.world.agent.epoch)]
    assert home.service.rows.backup_requests.requested_at("ada")


def test_an_ask_is_answered_once(home: Home) -> None:
    home.wake()
    home.service.ask("ada")
    requests, epoch = home.service.rows.backup_requests, home.world.agent.epoch
    asked = requests.requested_at("ada")
    assert asked
    home.clock.advance(seconds=1)
    home.service.ask("ada")

    requests.done("ada", epoch, asked)
    later = requests.requested_at("ada")
    assert later and later != asked, "another ask has come meanwhile"
    requests.done("ada", epoch, later)
    assert requests.requested_at("ada") is None


def test_a_sleeping_agent_has_nothing_to_back_up(home: Home) -> None:
    with pytest.raises(AgentBusy, match="nothing has changed"):
        home.service.ask("ada")


def test_an_agent_on_its_way_is_not_asked(home: Home) -> None:
    home.world.services.lifecycle.start("ada")
    assert home.world.agent.state is State.STARTING
    with pytest.raises(AgentBusy, match="by itself"):
        home.service.ask("ada")


def test_a_download_is_a_tar_file_with_an_address(home: Home) -> None:
    download = home.service.download("ada", "1")

    assert download.url and download.filename in download.url
    assert download.expires_at == home.clock() + timedelta(hours=1)
    (key,) = home.objects.keys("downloads/ada/")
    assert len(home.objects.bodies[key]) == download.size
    with tarfile.open(fileobj=io.BytesIO(home.objects.bodies[key])) as archive:
        note = archive.extractfile("openclaw/note")
        assert note and note.read() == b"first"


def test_a_large_download_is_made_by_several_calls(home: Home) -> None:
    content = random.Random(1).randbytes(20 * MB)
    home.lives(large=content)
    home.objects.refuses = lambda call: bool(call.startswith("add_part") and home.clock.advance(seconds=15) is None)

    first = home.service.download("ada", "3")
    assert first.url is None and first.done == 8 * MB
    home.service.download("ada", "3")
    second = home.service.download("ada", "3")

    assert second.url
    (key,) = home.objects.keys("downloads/ada/")
    with tarfile.open(fileobj=io.BytesIO(home.objects.bodies[key])) as archive:
        large = archive.extractfile("openclaw/large")
        assert large and large.read() == content
    calls = len(home.objects.calls)
    assert home.service.download("ada", "3").url == second.url
    assert not [call for call in home.objects.calls[calls:] if call.startswith("add_part")]


@pytest.mark.parametrize("seconds", [5, 8, 12])
def test_no_call_of_a_download_takes_longer_than_api_gateway_waits(home: Home, seconds: int) -> None:
    home.lives(large=random.Random(1).randbytes(60 * MB))
    slow = {"get users/ada/state/manifest.json": 4, "get users/ada/state/generations/": 4, "add_part": seconds}

    def take_time(call: str) -> bool:
        home.clock.advance(seconds=sum(each for name, each in slow.items() if call.startswith(name)))
        return False

    home.objects.refuses = take_time
    url, calls = None, 0
    while url is None:
        began = home.clock()
        url = home.service.download("ada", "3").url
        calls += 1
        assert (home.clock() - began).total_seconds() <= 29
    assert calls <= 8


def test_a_user_without_an_agent_yet_can_restore_too(home: Home) -> None:
    """The row may be gone, after a new installation for one; the bucket is not."""
    home.world.store.rows.clear()
    assert home.service.restore("ada", "1").kind is Kind.RESTORED


def test_a_download_of_what_is_damaged_is_refused(home: Home) -> None:
    agent = home.wake()
    manifest = home.service.points("ada")[0]
    listing = agent.bucket.listing(manifest.listing)
    note = listing.files["note"]
    beyond = replace(note, extents=(replace(note.extents[0], offset=5),))
    point = replace(manifest, listing=agent.bucket.put_listing(replace(listing, files={"note": beyond})))
    held = agent.bucket.read()
    agent.bucket.publish(held, replace(held.manifest, points=(point,)), held.manifest.epoch)

    with pytest.raises(DamagedBackup, match="beyond"):
        home.service.download("ada", str(point.number))


def test_nobody_reaches_into_anothers_backups(home: Home) -> None:
    with pytest.raises(NotFound):
        home.service.download("eve", "1")
    with pytest.raises(AssertionError):
        home.service.points("ada/state")
