"""Under which licences others' work is passed on in the image and on the page, and which of them are fine with ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata

from supply.locks import Locked

# They let whole programs have another licence; MPL's is for files, which stay as they are.
ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CNRI-Python", "ISC", "MIT", "MIT-0"}
    | {"MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib"}
)
WRITTEN = {  # in other words
    "Apache": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
UNSAID = {  # by packages that do not say it where programs look
    "pyromark": "MIT",  # its LICENSE
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",  # its LICENSE: "Dual License"
}
CLASSIFIER = "License :: OSI Approved :: "
LONG = 60  # letters: a whole text, and no name


def licence_of(entry: Locked) -> str:
    """As SPDX writes it; empty when nobody says it."""
    if entry.name in UNSAID:
        return UNSAID[entry.name]
    said = entry.licence if entry.ecosystem == "npm" else _installed(entry.name)
    return " OR ".join(WRITTEN.get(each, each) for each in said.strip("()").split(" OR "))


def _installed(name: str) -> str:
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return ""
    words = str((found.get_all("License-Expression") or found.get_all("License") or [""])[0])
    if words and len(words) < LONG and "\n" not in words:
        return words
    named = [each.removeprefix(CLASSIFIER) for each in found.get_all("Classifier") or [] if each.startswith(CLASSIFIER)]
    return " OR ".join(named)


def is_allowed(expression: str) -> bool:
    """One of what may be chosen, all of what holds together."""
    choices = re.split(r"\s+OR\s+", expression.strip("() "))
    return any(all(part.strip("() ") in ALLOWED for part in re.split(r"\s+AND\s+", each)) for each in choices)


def unlicensed(entries: Iterable[Locked]) -> list[str]:
    return [
        f"{entry} has the licence {licence_of(entry)!r}, which is not among those that supply/licences.py allows"
        for entry in entries
        if not is_allowed(licence_of(entry))
    ]
