"""Backups over a folder and an S3 in memory: what is saved, who may save, and what happens when S3 does not answer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Kind
from chalicelib.domain.listing import MOST_PACKS
from chalicelib.domain.notes import BACKUP_FAILING, NOT_SAVED, incomplete
from container.bridge.backup.outcomes import NotSaved
from container.bridge.backup.ports import Torn, Vanished
from tests.bridge.backup.scenes import MANIFEST, Bucket, Step, Task, wait, write
from tests.fakes.backup import MemoryFolder

MB = 1024 * 1024


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


def test_what_one_task_knew_the_next_one_knows(bucket: Bucket) -> None:
    bucket.task().lives(write("state/a", b"memory" * 1000), write("b", b""))
    assert bucket.restored() == {"state/a": b"memory" * 1000, "b": b""}


def test_a_new_user_starts_with_what_the_folder_holds(bucket: Bucket) -> None:
    task = bucket.task()
    task.folder.put("template", b"of the image")
    task.lives()
    assert bucket.restored() == {"template": b"of the image"}


def test_a_backup_while_it_runs_is_there_after_a_kill(bucket: Bucket) -> None:
    saved: list[dict[str, bytes]] = []
    bucket.task().lives(
        write("a", b"1"), wait, lambda task: saved.append(bucket.restored()), lambda task: setattr(task, "steps", [])
    )
    assert saved == [{"a": b"1"}]


def test_a_change_is_in_the_bucket_within_the_interval(bucket: Bucket) -> None:
    changed = []

    def change(task: Task) -> None:
        task.folder.put("a", b"1")
        changed.append(task.clock())

    bucket.task().lives(wait, change, wait, wait)

    first = next(point for point in bucket.points if point.files)
    assert first.made_at - changed[0] <= timedelta(seconds=60)


def test_nothing_is_uploaded_when_nothing_changed(bucket: Bucket) -> None:
    calls: list[int] = []

    def look(task: Task) -> None:
        calls.append(bucket.objects.uploaded())

    bucket.task().lives(write("a", b"1"), wait, look, wait, wait, look)
    assert calls[0] == calls[1]
    assert len(bucket.points) == 1, "the stop had nothing to add"


def test_a_restart_without_a_change_makes_no_new_point(bucket: Bucket) -> None:
    bucket.task().lives(write("a", b"1"))
    bucket.task().lives(wait)
    assert len(bucket.points) == 1


def test_a_page_that_changes_is_a_page_that_is_sent(bucket: Bucket) -> None:
    content = random.Random(1).randbytes(8 * MB)
    changed = content[: 3 * MB] + b"new" + content[3 * MB + 3 :]
    sizes: list[int] = []

    def measure(task: Task) -> None:
        sizes.append(sum(map(len, bucket.objects.bodies.values())))

    bucket.task().lives(write("db", content), wait, measure, write("db", changed), wait, measure)

    assert sizes[1] - sizes[0] < 10_000
    assert bucket.restored() == {"db": changed}


def test_the_same_content_is_stored_once(bucket: Bucket) -> None:
    content = random.Random(1).randbytes(MB)
    bucket.task().lives(write("a", content), wait, write("b", content), wait)
    assert len(bucket.objects.keys("/packs/")) == 1
    assert bucket.restored() == {"a": content, "b": content}


def test_a_file_that_vanishes_while_it_is_saved_is_left_out(bucket: Bucket) -> None:
    task = bucket.task()
    seen = {"gone": b"1", "here": b"2"}
    for path, content in seen.items():
        task.folder.put(path, content)
    task.folder.read = lambda path: MemoryFolder({"here": b"2"}).read(path)  # type: ignore[method-assign]
    task.lives()
    assert bucket.restored() == {"here": b"2"}


def test_many_small_packs_become_one(bucket: Bucket) -> None:
    steps: list[Step] = []
    for number in range(MOST_PACKS + 10):
        steps += [write(f"f{number}", f"{number}".encode() * 100), wait]
    bucket.task().lives(*steps)

    head = bucket.points[-1]
    listing = BackupBucket("ada", bucket.objects).listing(head.listing)
    assert len(listing.live()) < MOST_PACKS
    assert len(bucket.restored()) == MOST_PACKS + 10


def test_what_nobody_needs_any_more_is_deleted_after_days(bucket: Bucket) -> None:
    bucket.task().lives(write("a", b"1" * 10_000), wait)
    first = set(bucket.objects.keys("/packs/"))
    bucket.clock.advance(days=40)
    newer = [write("a", f"{number}".encode() * 10_000) for number in range(2, 6)]
    bucket.task().lives(*(step for each in newer for step in (each, wait)))

    bucket.clock.advance(days=2)
    bucket.task().lives(write("b", b""), wait)

    assert not first & set(bucket.objects.keys("/packs/"))
    assert bucket.restored() == {"a": b"5" * 10_000, "b": b""}


def test_garbage_that_cannot_be_told_from_the_rest_stays(bucket: Bucket) -> None:
    """A kept point whose listing is damaged may need anything."""
    bucket.task().lives(write("a", b"1"), wait)
    old = bucket.points[0].listing
    bucket.task().lives(write("a", b"2"))
    bucket.objects.damage(*bucket.objects.keys(old))
    bucket.clock.advance(days=2)
    before = set(bucket.objects.keys())

    task = bucket.task().lives(wait)

    assert before <= set(bucket.objects.keys())
    assert not task.fenced


def test_who_loses_the_manifest_while_sweeping_is_fenced(bucket: Bucket) -> None:
    bucket.task().lives(write("a", b"1"), wait)
    bucket.clock.advance(days=2)

    def steal(call: str) -> bool:
        if call.startswith("list"):
            bucket.objects.bodies[MANIFEST] = b'{"epoch":99,"points":[]}'
        return False

    bucket.objects.refuses = steal
    assert bucket.task().lives(wait).fenced


def test_an_asked_for_point_is_made_even_when_nothing_changed(bucket: Bucket) -> None:
    def ask(task: Task) -> None:
        task.reports.ask = "2026-01-01T00:00:00.000Z"
        task.backups.ring()

    task = bucket.task().lives(write("a", b"1"), wait, ask, wait)

    assert [(point.kind, point.kept) for point in bucket.points] == [(Kind.RUNNING, False), (Kind.ASKED, True)]
    assert task.reports.ask is None


def test_s3_away_for_a_while_loses_nothing_and_is_said(bucket: Bucket) -> None:
    def away(task: Task) -> None:
        task.folder.put("a", b"2")
        bucket.objects.refuses = lambda call: call.startswith(("put", "replace"))

    def back(task: Task) -> None:
        bucket.objects.refuses = lambda call: False

    task = bucket.task().lives(write("a", b"1"), wait, away, wait, wait, wait, back, wait, wait)

    assert task.reports.notes == [BACKUP_FAILING, None]
    assert bucket.restored() == {"a": b"2"}


def test_s3_away_at_the_stop_is_waited_for(bucket: Bucket) -> None:
    def away(task: Task) -> None:
        task.folder.put("a", b"2")
        until = task.clock() + timedelta(seconds=15)
        bucket.objects.refuses = lambda call: call.startswith(("put", "replace")) and task.clock() < until
        task.stop(timeout=45)

    bucket.task().lives(write("a", b"1"), wait, away)

    assert bucket.restored() == {"a": b"2"}
    assert bucket.points[-1].kind is Kind.STOP


def test_s3_away_for_good_at_the_stop_is_said(bucket: Bucket) -> None:
    def away(task: Task) -> None:
        task.folder.put("a", b"2")
        bucket.objects.refuses = lambda call: True

    task = bucket.task().lives(write("a", b"1"), wait, away)
    assert task.reports.notes[-1] == NOT_SAVED
    assert isinstance(task.end, NotSaved)


def test_a_lost_answer_of_our_own_write_fences_nobody(bucket: Bucket) -> None:
    """The manifest was replaced, we were not told: the next try must recognise it."""
    lost: list[str] = []

    def lose(task: Task) -> None:
        task.folder.put("a", b"2")
        bucket.objects.loses = lambda call: call.startswith("replace") and not lost and not lost.append(call)  # type: ignore[func-returns-value]

    task = bucket.task().lives(write("a", b"1"), wait, lose, wait, write("a", b"3"), wait)

    assert lost and not task.fenced
    assert bucket.restored() == {"a": b"3"}


def test_a_pack_that_is_missing_at_the_stop_is_sent_again(bucket: Bucket) -> None:
    def lose(task: Task) -> None:
        bucket.objects.delete(bucket.objects.keys("/packs/"))

    bucket.task().lives(write("a", b"1" * 9000), wait, lose)

    assert bucket.restored() == {"a": b"1" * 9000}


def test_what_cannot_be_read_stops_no_other_file_stays_as_it_was_and_is_named(bucket: Bucket) -> None:
    def hold(task: Task) -> None:
        read = task.folder.read

        def held(path: str) -> Iterator[bytes]:
            if path in ("agents/a", "workspace/odd\udcff\nname"):
                raise Torn("somebody holds it", resting=False)
            return read(path)

        task.folder.read = held  # type: ignore[method-assign]
        for path in ("agents/a", "workspace/odd\udcff\nname", "workspace/b"):
            task.folder.put(path, b"new")

    def let_go(task: Task) -> None:
        del task.folder.read

    task = bucket.task().lives(write("agents/a", b"old"), wait, hold, wait, let_go, wait)

    told = incomplete("agents/a", 2)
    assert task.reports.notes == [told, None]
    points = {point.incomplete: point for point in bucket.points}
    assert sorted(points) == [(), ("agents/a", "workspace/odd\ufffd\ufffdname")]
    listing = BackupBucket("ada", bucket.objects).listing(points["agents/a", "workspace/odd\ufffd\ufffdname"].listing)
    assert set(listing.files) == {"agents/a", "workspace/odd\udcff\nname", "workspace/b"}
    assert listing.files["agents/a"].size == 3
    assert bucket.restored()["agents/a"] == b"new"


def test_a_backup_that_does_not_end_is_said(bucket: Bucket) -> None:
    """Whatever it waits for: the thread that makes it cannot say so."""

    def hang(task: Task) -> None:
        def read(path: str) -> Iterator[bytes]:
            task.clock.advance(minutes=4)
            task.backups.look()
            assert task.reports.notes == [], "a first one of some GB takes as long"
            del task.folder.read
            task.clock.advance(minutes=2)
            task.backups.look()
            raise Vanished(path)

        task.folder.put("a", b"1")
        task.folder.read = read  # type: ignore[method-assign]

    task = bucket.task().lives(hang, wait)
    assert task.reports.notes == [BACKUP_FAILING, None]
