"""Known holes: asked for once a day; without a network the last answer counts, or one line says that there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from supply.accepted import ADVISORIES, AcceptedRisk
from supply.advisories import KnownHoles, holes, look_up
from supply.locks import Locked, locked

TODAY = date(2026, 11, 27)
ENTRIES = [Locked("a.json", "npm", "it", "1.0.0", True), Locked("a.txt", "PyPI", "other", "2", True)]
HOLE = "GHSA-aaaa-bbbb-cccc"


@dataclass
class Osv:
    """Answers as OSV does: one result for each query, in their order, an empty one where nothing is known."""

    known: Mapping[str, Sequence[str]] = field(default_factory=dict)  # ids, by name
    sizes: list[int] = field(default_factory=list)

    def ask(self, body: bytes) -> bytes:
        queries = json.loads(body)["queries"]
        self.sizes.append(len(queries))
        return json.dumps({"results": [self._result(each["package"]["name"]) for each in queries]}).encode()

    def _result(self, name: str) -> dict[str, Any]:
        found = [{"id": each, "modified": "2026-01-01T00:00:00Z"} for each in self.known.get(name, ())]
        return {"vulns": found} if found else {}


def offline(_: bytes) -> bytes:
    raise OSError("no network")


def test_what_is_known_is_told_with_its_package(tmp_path: Path) -> None:
    answer, trouble = look_up(ENTRIES, tmp_path / "cache", TODAY, Osv({"it": [HOLE]}).ask)
    assert answer and not trouble
    (said,) = holes(answer.found, (), TODAY)
    assert said == f"npm it 1.0.0: {HOLE}, https://osv.dev/vulnerability/{HOLE}"


def test_the_same_locks_are_asked_about_once_a_day(tmp_path: Path) -> None:
    osv, cache = Osv(), tmp_path / "made" / "cache"
    for _ in range(2):
        look_up(ENTRIES, cache, TODAY, osv.ask)
    assert osv.sizes == [2]
    look_up(ENTRIES[:1], cache, TODAY, osv.ask)
    look_up(ENTRIES[:1], cache, TODAY + timedelta(days=1), osv.ask)
    assert osv.sizes == [2, 1, 1]


def test_without_a_network_the_last_answer_for_the_same_locks_counts(tmp_path: Path) -> None:
    cache, tomorrow = tmp_path / "cache", TODAY + timedelta(days=1)
    look_up(ENTRIES, cache, TODAY, Osv({"it": [HOLE]}).ask)
    answer, trouble = look_up(ENTRIES, cache, tomorrow, offline)
    assert answer == KnownHoles(TODAY, {"npm it 1.0.0": [HOLE]})
    assert "no network" in trouble
    assert look_up(ENTRIES[:1], cache, tomorrow, offline)[0] is None


@pytest.mark.parametrize("said", [b"", b"<html>", b"[]", b'{"results": []}', b'{"results": [1, 2]}', b'{"code": 3}'])
def test_an_answer_that_is_none_is_no_answer(tmp_path: Path, said: bytes) -> None:
    answer, trouble = look_up(ENTRIES, tmp_path / "cache", TODAY, lambda _: said)
    assert answer is None and trouble
    assert not (tmp_path / "cache").exists()


def test_more_packages_than_one_request_takes_are_asked_about_in_parts(tmp_path: Path) -> None:
    osv = Osv({"p1500": [HOLE]})
    many = [Locked("a.json", "npm", f"p{at}", "1", True) for at in range(2001)]
    answer, _ = look_up(many, tmp_path / "cache", TODAY, osv.ask)
    assert osv.sizes == [1000, 1000, 1]
    assert answer and list(answer.found) == ["npm p1500 1"]


def test_a_hole_is_accepted_for_one_package_with_a_reason_until_a_day() -> None:
    found = {"npm it 1.0.0": [HOLE]}
    known = AcceptedRisk(HOLE, "it", "never called with what a stranger wrote", TODAY)
    assert holes(found, [known], TODAY) == []
    (late,) = holes(found, [known], TODAY + timedelta(days=1))
    assert late.endswith(f"accepted until {TODAY}")
    assert holes({"npm another 1": [HOLE]}, [known], TODAY)


def test_what_is_accepted_says_why_and_is_in_a_lock() -> None:
    names = {each.name for each in locked()}
    for each in ADVISORIES:
        assert len(each.reason.split()) >= 4 and each.package in names, each
