"""Secrets in the history: every line that a commit has added, and those not committed yet, against a list of patterns.

Only what is new since the last search is read: `.make` remembers up to which commit nothing was found.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PATTERNS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "an AWS secret key": r"(?i:secret_?access_?key)[\"' :=]{1,6}[A-Za-z0-9/+]{40}\b",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})",
    "a model provider's key": r"\bsk-(?:ant-[a-z0-9]+-|or-v1-|proj-)?[A-Za-z0-9_-]{32}",
    "a Google key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Telegram bot's token": r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b",
    "a registry's token": r"\b(?:npm_[A-Za-z0-9]{36}|pypi-Ag[A-Za-z0-9_-]{50})",
    "a Slack token": r"\bxox[abeprs]-[A-Za-z0-9-]{20}",
    "an identity token": r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16}",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"'{}<>$]+:[^\s/:@\"'{}<>$]{12,}@[a-z0-9]",
}
RULES = re.compile("|".join(f"(?P<r{at}>{pattern})" for at, pattern in enumerate(PATTERNS.values())))
KINDS = list(PATTERNS)
VERSION = hashlib.sha256(RULES.pattern.encode()).hexdigest()[:12]
LOG = ("log", "--patch", "--cc", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--format=commit %H")
DIFF = ("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD")
FILE = "+++ b/"
MARK = 12  # letters of the hash by which one is accepted


@dataclass(frozen=True)
class Secret:
    """What was found; never the thing itself."""

    kind: str
    commit: str
    file: str
    mark: str

    def __str__(self) -> str:
        return f"{self.kind} in {self.file}, {self.commit[:10]} (accept it as {self.mark})"


def search(root: Path, cache: Path, accepted: Mapping[str, str]) -> list[Secret] | None:
    """None where there is no history."""
    try:
        head = _git(root, "rev-parse", "HEAD").strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    known = _known(root, cache)
    new = _git(root, *LOG, *([f"{known}..HEAD"] if known else ["HEAD"])) if known != head else ""
    committed = list(find(new.splitlines(), accepted))
    if not committed:
        cache.parent.mkdir(exist_ok=True)
        cache.write_text(f"{VERSION} {head}")
    return [*committed, *find(_git(root, *DIFF).splitlines(), accepted)]


def find(lines: Iterable[str], accepted: Mapping[str, str]) -> Iterator[Secret]:
    commit, file = "not committed", ""
    for line in lines:
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith(FILE):
            file = line.removeprefix(FILE)
        elif line.startswith(("+", " +")):
            for found in RULES.finditer(line):
                mark = hashlib.sha256(found[0].encode()).hexdigest()[:MARK]
                if mark not in accepted:
                    yield Secret(KINDS[int(str(found.lastgroup)[1:])], commit, file, mark)


def _known(root: Path, cache: Path) -> str:
    """The commit up to which nothing was found by these very patterns; empty when that is no longer behind us."""
    try:
        version, commit = cache.read_text().split()
        _git(root, "merge-base", "--is-ancestor", commit, "HEAD")
    except (OSError, ValueError, subprocess.CalledProcessError):
        return ""
    return commit if version == VERSION else ""


def _git(root: Path, *words: str) -> str:
    # The history of a repository around the checkout is not the project's.
    own = {**os.environ, "GIT_CEILING_DIRECTORIES": str(root.resolve().parent)}
    done = subprocess.run(["git", *words], cwd=root, env=own, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")
