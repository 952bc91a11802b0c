"""The locks of the checkout as values: what is installed, with which hash, and what of it is given to others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
NPM = ("container/package-lock.json", "frontend/package-lock.json", "tests/telegram_api/package-lock.json")
PYTHON = ("requirements/dev.txt", "requirements/checkov.txt", "container/requirements.txt")
IMAGE = ("container/package-lock.json", "container/requirements.txt")
PAGE = ("frontend/package-lock.json",)
FOLDER = "node_modules/"
PINNED = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)(?P<marker>[^\\\n]*)", re.MULTILINE
)
HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
STRONG = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")


@dataclass(frozen=True)
class Locked:
    """One entry of a lock."""

    lock: str
    ecosystem: str  # as OSV calls it
    name: str
    version: str
    hashed: bool
    licence: str = ""  # npm's locks tell it
    for_linux: bool = True
    for_us: bool = False  # not given to others: it builds or tests

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.lock})"


def locked(root: Path = ROOT) -> list[Locked]:
    return [entry for lock in (*NPM, *PYTHON) for entry in read_lock(root, lock)]


def given(locks: tuple[str, ...], root: Path = ROOT) -> list[Locked]:
    """What goes to whoever gets the image or the page."""
    entries = (entry for lock in locks for entry in read_lock(root, lock) if entry.for_linux and not entry.for_us)
    return sorted(set(entries), key=lambda each: (each.ecosystem, each.name.lower(), each.version))


def read_lock(root: Path, lock: str) -> Iterator[Locked]:
    text = (root / lock).read_text()
    yield from _npm(lock, text) if lock.endswith(".json") else _python(lock, text)


def _npm(lock: str, text: str) -> Iterator[Locked]:
    for place, entry in json.loads(text)["packages"].items():
        if not place:
            continue  # the project itself
        strong = bool(STRONG.fullmatch(entry.get("integrity", "")))
        yield Locked(
            lock,
            "npm",
            entry.get("name") or place.rpartition(FOLDER)[2],
            entry["version"],
            hashed=(strong or bool(entry.get("inBundle"))) and "resolved" not in entry,
            licence=entry.get("license", ""),
            for_linux="linux" in entry.get("os", ["linux"]),
            for_us=bool(entry.get("dev")),
        )


def _python(lock: str, text: str) -> Iterator[Locked]:
    found = list(PINNED.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    for pin, end in zip(found, ends, strict=True):
        hashed = bool(HASHED.search(text[pin.start() : end]))
        windows = "'win32'" in pin["marker"]
        yield Locked(lock, "PyPI", pin["name"].lower(), pin["version"], hashed, for_linux=not windows)


def unhashed(entries: list[Locked]) -> list[str]:
    """What a registry could replace. A bundled package is under the hash of the one that brings it."""
    return [f"{entry} has no hash, or comes from elsewhere than the registry" for entry in entries if not entry.hashed]
