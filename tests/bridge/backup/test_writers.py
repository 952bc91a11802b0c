"""Two who write one user's backups, and backups that cannot be restored: nothing good is ever replaced."""

from __future__ import annotations

import errno
import os

import pytest

from chalicelib.domain.generations import Kind
from chalicelib.domain.notes import (
    BACKUP_DAMAGED,
    BACKUP_UNREADABLE,
    RESTORE_BAD_NAME,
    RESTORE_NO_ROOM,
    RESTORE_REFUSED,
)
from container.bridge.backup.outcomes import NothingToSave, NotRestored
from container.bridge.backup.packs import compress
from container.bridge.events import FencedOff
from tests.bridge.backup.scenes import MANIFEST, Bucket, Task, wait, write
from tests.fakes.objects import MemoryObjects


@pytest.fixture
def bucket() -> Bucket:
    bucket = Bucket()
    bucket.task().lives(write("a", b"good" * 1000))
    return bucket


def kept(objects: MemoryObjects) -> dict[str, bytes]:
    return dict(objects.bodies)


def test_an_older_epoch_writes_nothing_once_a_newer_one_has_begun(bucket: Bucket) -> None:
    def newer(task: Task) -> None:
        other = bucket.task()
        other.lives(write("a", b"newer"))
        task.folder.put("a", b"older")

    task = bucket.task().lives(newer, wait, wait)

    assert task.fenced
    assert bucket.restored() == {"a": b"newer"}


def test_a_backup_that_ends_while_the_next_epoch_begins_is_not_missed(bucket: Bucket) -> None:
    """The older one replaces the manifest between the newer one's look and its claim."""
    older = bucket.task().restore()
    newer = bucket.task()
    seen: list[str] = []

    def once(call: str) -> bool:
        if call == f"replace {MANIFEST}" and not seen:
            seen.append(call)
            older.folder.put("a", b"last words")
            older.agent.save(Kind.RUNNING)
        return False

    bucket.objects.refuses = once
    newer.restore()

    assert newer.folder.files == {"a": b"last words"}
    older.folder.put("a", b"too late")
    assert isinstance(older.agent.save(Kind.RUNNING), FencedOff)


def test_an_epoch_that_is_over_does_not_even_restore(bucket: Bucket) -> None:
    bucket.epoch = 9
    bucket.task().restore()
    bucket.epoch = 1

    late = bucket.task().restore()

    assert isinstance(late.restored, FencedOff)
    assert late.folder.files == {}


@pytest.mark.parametrize("part", ["/packs/", "/generations/", "manifest.json"])
@pytest.mark.parametrize("harm", ["damaged", "missing"])
def test_what_cannot_be_restored_is_not_served_and_not_overwritten(bucket: Bucket, part: str, harm: str) -> None:
    (key,) = bucket.objects.keys(part)
    if harm == "damaged":
        bucket.objects.damage(key)
    elif part != "manifest.json":  # without a manifest it is a new user
        bucket.objects.delete([key])
    else:
        return
    before = {name: body for name, body in bucket.objects.bodies.items() if name != MANIFEST}

    task = bucket.task()
    task.folder.put("template", b"of the image")
    task.restore()

    assert task.restored == NotRestored(BACKUP_DAMAGED)
    assert task.reports.notes == [BACKUP_DAMAGED]
    assert task.folder.files == {"template": b"of the image"}
    assert task.backups.stop(1) == NothingToSave()
    with pytest.raises(AssertionError):
        task.backups.start()
    assert {name: body for name, body in bucket.objects.bodies.items() if name != MANIFEST} == before


def test_s3_that_does_not_answer_is_no_new_user(bucket: Bucket) -> None:
    bucket.objects.refuses = lambda call: True
    task = bucket.task().restore()
    assert task.restored == NotRestored(BACKUP_UNREADABLE)
    assert task.reports.notes == [BACKUP_UNREADABLE]


def test_s3_that_answers_after_a_while_is_waited_for(bucket: Bucket) -> None:
    tries: list[str] = []
    bucket.objects.refuses = lambda call: len(tries) < 3 and not tries.append(call)  # type: ignore[func-returns-value]
    assert bucket.restored() == {"a": b"good" * 1000}


@pytest.mark.parametrize(
    ("number", "note"),
    {
        errno.ENOSPC: RESTORE_NO_ROOM,
        errno.EDQUOT: RESTORE_NO_ROOM,
        errno.EFBIG: RESTORE_NO_ROOM,
        errno.ENAMETOOLONG: RESTORE_BAD_NAME,
        errno.EILSEQ: RESTORE_BAD_NAME,
        errno.EACCES: RESTORE_REFUSED,
        errno.EROFS: RESTORE_REFUSED,
        errno.EIO: RESTORE_REFUSED,
    }.items(),
)
def test_what_the_disk_does_not_take_leaves_the_folder_as_it_was_and_is_told_as_what_it_is(
    bucket: Bucket, number: int, note: str
) -> None:
    def full(path: str) -> None:
        raise OSError(number, os.strerror(number))

    task = bucket.task()
    task.folder.put("template", b"of the image")
    task.folder.on_write = full
    task.restore()

    assert task.folder.files == {"template": b"of the image"}
    assert task.restored == NotRestored(note) and task.reports.notes == [note]


def test_a_pack_with_other_bytes_under_its_own_name_is_refused(bucket: Bucket) -> None:
    (key,) = bucket.objects.keys("/packs/")
    bucket.objects.bodies[key] = compress(b"evil" * 1000)
    assert isinstance(bucket.task().restore().restored, NotRestored)


def test_the_next_start_tries_again(bucket: Bucket) -> None:
    (key,) = bucket.objects.keys("/packs/")
    good = bucket.objects.bodies[key]
    bucket.objects.damage(key)
    assert isinstance(bucket.task().restore().restored, NotRestored)

    bucket.objects.bodies[key] = good

    assert bucket.restored() == {"a": b"good" * 1000}
