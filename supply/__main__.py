"""`python -m supply`: hashes, licences, known holes, secrets in the history; `notice` prints NOTICE."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from supply.accepted import ADVISORIES, SECRETS
from supply.advisories import holes, look_up
from supply.history import search
from supply.licences import unlicensed
from supply.locks import IMAGE, PAGE, ROOT, Locked, given, locked, unhashed
from supply.notice import notice

CACHE = Path(".make")


def main(words: list[str]) -> int:
    if words == ["notice"]:
        sys.stdout.write(notice())
        return 0
    entries = locked()
    found = [*unhashed(entries), *unlicensed([*given(PAGE), *given(IMAGE)]), *_holes(entries), *_secrets()]
    sys.stdout.writelines(f"{each}\n" for each in found)
    return int(bool(found))


def _holes(entries: list[Locked]) -> list[str]:
    today = datetime.now(UTC).date()
    answer, trouble = look_up(entries, ROOT / CACHE / "advisories.json", today)
    if answer is None:
        _say(f"known vulnerabilities: could not look, {trouble}")
        return []
    if trouble:
        _say(f"known vulnerabilities: as of {answer.day}, {trouble}")
    return holes(answer.found, ADVISORIES, today)


def _secrets() -> list[str]:
    found = search(ROOT, ROOT / CACHE / "secrets.txt", SECRETS)
    if found is None:
        _say("secrets: could not look, there is no git history here")
    return [str(each) for each in found or ()]


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
