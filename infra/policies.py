"""`python -m infra.policies`: no permission for everything, or for a whole service, without a reason next to it.

A star is read from the templates' own lines, because the reason is a comment: on its line or the one above.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TEMPLATES = tuple(Path(__file__).with_name(name) for name in ("base.yaml", "template.yaml", "alarms.yaml"))
KEY = re.compile(r"^\s*(?:- )?(?P<key>Action|NotAction|Resource|NotResource|Principal)\s*:(?P<value>.*)$")
ITEM = re.compile(r"^\s*- (?P<value>[^:{]*(?::[^ ].*)?)$")
REASON = re.compile(r"(?:^|\s)#\s*\S+(?:\s+\S+){3,}")  # four words at least
SERVICE = re.compile(r"[\"'\s\[,][a-z0-9-]+:[A-Za-z]*\*")  # s3:*, s3:Get*
NOT_THESE = ("NotAction", "NotResource")


@dataclass(frozen=True)
class Star:
    """A permission that is wider than what it names."""

    template: str
    line: int
    text: str
    reason: bool

    def __str__(self) -> str:
        return f"{self.template}:{self.line}: {self.text} has no reason next to it"


def find_stars(text: str, template: str) -> Iterator[Star]:
    lines, key = text.splitlines(), ""
    for number, line in enumerate(lines):
        content = line.partition(" #")[0]
        if found := KEY.match(content):
            key, value = found["key"], found["value"]
        elif key and (item := ITEM.match(content)):
            value = " " + item["value"]
        else:
            key = ""
            continue
        if is_star(key, value):
            above = lines[number - 1].strip() if number else ""
            reason = REASON.search(line) or (above.startswith("#") and REASON.search(above))
            yield Star(template, number + 1, line.strip(), bool(reason))


def is_star(key: str, value: str) -> bool:
    if key in NOT_THESE or value.strip(" []").strip("\"'") == "*":
        return True
    return key == "Action" and bool(SERVICE.search(f" {value.strip()}"))


def unexplained() -> list[Star]:
    return [star for path in TEMPLATES for star in find_stars(path.read_text(), path.name) if not star.reason]


if __name__ == "__main__":
    found = unexplained()
    sys.stdout.write("".join(f"{star}\n" for star in found))
    sys.exit(bool(found))
