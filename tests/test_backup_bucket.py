"""The manifest in the bucket: claimed against others, recognised when an answer was lost."""

from __future__ import annotations

import pytest

from chalicelib.backup_bucket import BackupBucket, Held
from chalicelib.domain.generations import Manifest
from chalicelib.errors import ConditionFailed, Fenced
from tests.fakes.objects import MemoryObjects


@pytest.fixture
def bucket() -> BackupBucket:
    return BackupBucket("ada", MemoryObjects())


def objects(bucket: BackupBucket) -> MemoryObjects:
    assert isinstance(bucket.objects, MemoryObjects)
    return bucket.objects


def test_a_user_without_a_backup_has_an_empty_manifest(bucket: BackupBucket) -> None:
    assert bucket.read() == Held(Manifest(), None)


def test_a_claim_is_in_the_bucket(bucket: BackupBucket) -> None:
    held = bucket.claim(3)
    assert bucket.read() == held and held.manifest.epoch == 3
    assert bucket.holds(held)


def test_two_claims_of_new_users_do_not_both_win(bucket: BackupBucket) -> None:
    """Both have seen no manifest."""
    seen = bucket.read()
    bucket.publish(seen, Manifest().claimed(1), 1)
    with pytest.raises(ConditionFailed):
        bucket.publish(seen, Manifest().claimed(2), 2)


def test_a_claim_whose_answer_was_lost_is_recognised(bucket: BackupBucket) -> None:
    """botocore tries again by itself, and is told that the manifest is another one: ours."""
    seen = bucket.read()
    bucket.publish(seen, Manifest(), 1)
    assert bucket.publish(seen, Manifest(), 1) == bucket.read()


def test_a_claim_against_a_writer_that_never_ends_gives_up(bucket: BackupBucket) -> None:
    epochs = iter(range(1, 100))

    def write(call: str) -> bool:
        if call.startswith("replace"):
            objects(bucket).bodies[bucket.manifest_key] = b'{"epoch":%d,"points":[]}' % next(epochs)
        return False

    objects(bucket).refuses = write
    with pytest.raises(Fenced, match="keeps writing"):
        bucket.claim(1000)


def test_a_manifest_that_vanished_is_not_ours(bucket: BackupBucket) -> None:
    held = bucket.claim(1)
    objects(bucket).delete([bucket.manifest_key])
    assert not bucket.holds(held)
    with pytest.raises(ConditionFailed):
        bucket.publish(held, held.manifest, 1)
