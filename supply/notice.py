"""`python -m supply notice`: NOTICE, made from the locks; whose work the page and the image pass on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from supply.licences import licence_of
from supply.locks import IMAGE, PAGE, ROOT, Locked, given

HEAD = """serverless-openclaw
Copyright (c) 2026 The serverless-openclaw authors, under the MIT License (LICENSE).

Made from the locks by `python -m supply notice`, and held by tests/supply.

The page passes on these packages; `licences.md` beside it has their licences in full.
"""
MIDDLE = """
The image passes on these, with their licences in their folders below /app/container/node_modules and /opt/python; not
all of them are in it: `container/image/prune.py` removes what is not used, and `/app/sbom.json` lists what is there.
Its base is Debian (/usr/share/doc/*/copyright), with Node.js (MIT, and what its own LICENSE names).
"""


def notice(root: Path = ROOT) -> str:
    return f"{HEAD}\n{_lines(given(PAGE, root))}{MIDDLE}\n{_lines(given(IMAGE, root))}"


def _lines(entries: Iterable[Locked]) -> str:
    return "".join(f"{each.name} {each.version}, {licence_of(each)}\n" for each in entries)
