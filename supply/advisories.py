"""Known holes in what the locks name, asked of OSV (https://google.github.io/osv.dev/post-v1-querybatch/) once a day.

OSV joins the databases of npm, PyPI and GitHub, malicious packages too. Where it cannot be reached, the last answer
for the same locks counts, with its day; where there is none, that is said in one line, and nothing fails.
"""

from __future__ import annotations

import hashlib
import json
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from supply.accepted import AcceptedRisk
from supply.locks import Locked

OSV = "https://api.osv.dev/v1/querybatch"
PAGE = "https://osv.dev/vulnerability/"
MOST = 1000  # of one request
TIMEOUT = 5.0
Ask = Callable[[bytes], bytes]  # a POST of JSON to OSV; raises OSError
Package = tuple[str, str, str]  # ecosystem, name, version
Found = Mapping[str, Sequence[str]]  # ids, by "ecosystem name version"


@dataclass(frozen=True)
class KnownHoles:
    day: date
    found: Found


def ask_osv(body: bytes) -> bytes:
    request = urllib.request.Request(OSV, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        return bytes(answer.read())


def look_up(entries: Iterable[Locked], cache: Path, today: date, ask: Ask = ask_osv) -> tuple[KnownHoles | None, str]:
    """What is known of them, and why it is not of today, if it is not."""
    packages = sorted({(each.ecosystem, each.name, each.version) for each in entries})
    digest = hashlib.sha256(json.dumps(packages).encode()).hexdigest()
    known = _read(cache, digest)
    if known and known.day == today:
        return known, ""
    try:
        found = _ask_all(packages, ask)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return known, f"OSV gave no answer ({error})"
    cache.parent.mkdir(exist_ok=True)
    cache.write_text(json.dumps({"digest": digest, "day": today.isoformat(), "found": found}))
    return KnownHoles(today, found), ""


def _ask_all(packages: Sequence[Package], ask: Ask) -> Found:
    found: dict[str, list[str]] = {}
    for at in range(0, len(packages), MOST):
        part = packages[at : at + MOST]
        results = json.loads(ask(json.dumps({"queries": [_query(each) for each in part]}).encode()))["results"]
        for package, result in zip(part, results, strict=True):
            if holes := [each["id"] for each in result.get("vulns", ())]:
                found[" ".join(package)] = holes
    return found


def _query(package: Package) -> dict[str, Any]:
    ecosystem, name, version = package
    return {"package": {"ecosystem": ecosystem, "name": name}, "version": version}


def _read(cache: Path, digest: str) -> KnownHoles | None:
    try:
        kept = json.loads(cache.read_text())
        return KnownHoles(date.fromisoformat(kept["day"]), kept["found"]) if kept["digest"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def holes(found: Found, accepted: Sequence[AcceptedRisk], today: date) -> list[str]:
    """What nobody has accepted, or no longer: a reason holds until its day."""
    open_ones = []
    for package, advisories in found.items():
        name = package.split(" ")[1]
        for advisory in advisories:
            known = [each for each in accepted if (each.advisory, each.package) == (advisory, name)]
            if not any(each.until >= today for each in known):
                past = f"; accepted until {known[-1].until}" if known else ""
                open_ones.append(f"{package}: {advisory}, {PAGE}{advisory}{past}")
    return open_ones
