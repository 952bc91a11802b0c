"""The manifest in the bucket: claimed against others, recognised when an answer was lost."""

from __future__ import annotations

import pytest

from chalicelib.domain.generations import Manifest
from chalicelib.errors import ConditionFailed, Fenced
from chalicelib.state.vault import Held, Vault
from tests.fakes.objects import MemoryObjects


@pytest.fixture
def vault() -> Vault:
    return Vault("ada", MemoryObjects())


def objects(vault: Vault) -> MemoryObjects:
    assert isinstance(vault.objects, MemoryObjects)
    return vault.objects


def test_a_user_without_a_backup_has_an_empty_manifest(vault: Vault) -> None:
    assert vault.read() == Held(Manifest(), None)


def test_a_claim_is_in_the_bucket(vault: Vault) -> None:
    held = vault.claim(3)
    assert vault.read() == held and held.manifest.epoch == 3
    assert vault.holds(held)


def test_two_claims_of_new_users_do_not_both_win(vault: Vault) -> None:
    """Both have seen no manifest."""
    seen = vault.read()
    vault.publish(seen, Manifest().claimed(1), 1)
    with pytest.raises(ConditionFailed):
        vault.publish(seen, Manifest().claimed(2), 2)


def test_a_claim_whose_answer_was_lost_is_recognised(vault: Vault) -> None:
    """botocore tries again by itself, and is told that the manifest is another one: ours."""
    seen = vault.read()
    vault.publish(seen, Manifest(), 1)
    assert vault.publish(seen, Manifest(), 1) == vault.read()


def test_a_claim_against_a_writer_that_never_ends_gives_up(vault: Vault) -> None:
    epochs = iter(range(1, 100))

    def write(call: str) -> bool:
        if call.startswith("replace"):
            objects(vault).bodies[vault.manifest_key] = b'{"epoch":%d,"points":[]}' % next(epochs)
        return False

    objects(vault).refuses = write
    with pytest.raises(Fenced, match="keeps writing"):
        vault.claim(1000)


def test_a_manifest_that_vanished_is_not_ours(vault: Vault) -> None:
    held = vault.claim(1)
    objects(vault).delete([vault.manifest_key])
    assert not vault.holds(held)
    with pytest.raises(ConditionFailed):
        vault.publish(held, held.manifest, 1)
