"""Whatever a disk can hold is saved, and restored byte for byte. On a real disk."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.archive import lay_out
from tests.bridge.backup.corpus import CORPUS, MANY, sparse
from tests.bridge.backup.disks import MB, Disk, content, put


@pytest.mark.parametrize("under", ["workspace", "agents/main", "state", ""])
@pytest.mark.parametrize("kind", [kind for kind in CORPUS if kind not in MANY])
def test_whatever_is_in_the_folder_is_restored_byte_for_byte(disk: Disk, kind: str, under: str) -> None:
    (disk.place / under).mkdir(parents=True, exist_ok=True)
    CORPUS[kind](disk.place / under)

    point = disk.save()

    if kind != "what is no database" or under in ("", "workspace"):  # OpenClaw's own that is damaged is named
        assert (point.incomplete, disk.running.lost) == ((), {})
    assert content(disk.next_machine()) == content(disk.place, modes=0o777), "without setuid, setgid and sticky bits"


@pytest.mark.parametrize("kind", MANY)
def test_many_files_and_folders_are_restored(disk: Disk, kind: str) -> None:
    CORPUS[kind](disk.place / "workspace")
    assert disk.save().incomplete == ()
    assert content(disk.next_machine()) == content(disk.place)


NAMES = st.binary(min_size=1, max_size=255).filter(lambda name: not set(name) & {0, 47} and name not in (b".", b".."))


@given(st.dictionaries(NAMES, st.binary(max_size=9000), max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_names_and_contents_are_restored(
    tmp_path_factory: pytest.TempPathFactory, files: Mapping[bytes, bytes]
) -> None:
    disk = Disk(tmp_path_factory.mktemp("any"))
    for name, body in files.items():
        put(disk.place / "workspace" / os.fsdecode(name), body)
    disk.save()
    assert (
        content(disk.next_machine()).items()
        >= {path: facts for path, facts in content(disk.place).items() if path in disk.running.folder.scan()}.items()
    )


@pytest.mark.parametrize("kind", CORPUS)
def test_whatever_is_saved_can_be_taken_home(disk: Disk, kind: str) -> None:
    CORPUS[kind](disk.place / "workspace")
    listing = disk.bucket.listing(disk.save().listing)
    assert lay_out(listing)


def test_a_sparse_file_stays_sparse(disk: Disk) -> None:
    sparse(disk.place / "workspace")
    disk.save()
    assert (disk.next_machine() / "workspace/sparse").stat().st_blocks * 512 < MB
