"""A disk of a test's own, however deep it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from container.bridge.backup.walk import remove_tree
from tests.bridge.backup.disks import Disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    yield Disk(tmp_path)
    remove_tree(tmp_path)
