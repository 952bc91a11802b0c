"""The version that programs report is the newest one that the changelog tells of."""

import re
from pathlib import Path

from chalicelib.version import VERSION

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text()


def test_the_newest_section_is_the_version_that_is_reported() -> None:
    assert re.findall(r"^## (\d+\.\d+\.\d+) — \d{4}-\d\d-\d\d$", CHANGELOG, re.MULTILINE)[0] == VERSION
