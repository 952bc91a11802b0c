"""Everything that is installed has a hash and a licence that goes with ours, and NOTICE names it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from supply.licences import is_allowed, licence_of, unlicensed
from supply.locks import IMAGE, NPM, PAGE, PYTHON, ROOT, Locked, given, locked, read_lock, unhashed
from supply.notice import notice

STRONG = f"sha512-{'A' * 86}=="


def npm(tmp_path: Path, **entry: Any) -> Locked:
    packages: Mapping[str, Any] = {"": {"name": "us"}, "node_modules/it": {"version": "1.0.0", **entry}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    (found,) = read_lock(tmp_path, "package-lock.json")
    return found


def test_every_entry_of_every_lock_has_a_hash() -> None:
    entries = locked()
    assert unhashed(entries) == []
    assert {each.lock for each in entries} == {*NPM, *PYTHON}
    assert len(entries) > 700


def test_no_lock_and_no_requirements_are_left_out() -> None:
    ours = [path for depth in ("", "*/", "*/*/") for path in ROOT.glob(f"{depth}package-lock.json")]
    ours = [path for path in ours if not path.relative_to(ROOT).as_posix().startswith(".")]
    assert {path.relative_to(ROOT).as_posix() for path in ours} == set(NPM)
    asked = [*ROOT.glob("requirements/*.in"), *ROOT.glob("container/*.in")]
    assert {path.relative_to(ROOT).with_suffix(".txt").as_posix() for path in asked} == set(PYTHON)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"integrity": "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"integrity": "sha512-short=="},
        {"integrity": STRONG, "resolved": "git+ssh://git@example.com/it.git#main"},
    ],
)
def test_an_entry_that_a_registry_could_replace_is_told(tmp_path: Path, entry: dict[str, str]) -> None:
    (said,) = unhashed([npm(tmp_path, **entry)])
    assert said.startswith("it 1.0.0 (package-lock.json) has no hash")


def test_a_bundled_package_is_under_the_hash_of_the_one_that_brings_it(tmp_path: Path) -> None:
    assert unhashed([npm(tmp_path, inBundle=True), npm(tmp_path, integrity=STRONG)]) == []


def test_a_python_package_without_hash_is_told(tmp_path: Path) -> None:
    hashed = f"a==1 \\\n    --hash=sha256:{'0' * 64}\n    # via b\nb[extra]==2 ; sys_platform == 'win32'\n"
    (tmp_path / "some.txt").write_text(hashed)
    first, second = read_lock(tmp_path, "some.txt")
    assert (first.name, first.version, first.hashed, first.for_linux) == ("a", "1", True, True)
    assert (second.name, second.version, second.hashed, second.for_linux) == ("b", "2", False, False)


def test_the_base_of_the_image_is_named_by_its_digest() -> None:
    (base,) = [
        line for line in (ROOT / "container" / "Dockerfile").read_text().splitlines() if line.startswith("ARG BASE")
    ]
    assert len(base.partition("@sha256:")[2]) == 64


def test_all_that_is_passed_on_has_a_licence_that_goes_with_ours() -> None:
    assert unlicensed([*given(IMAGE), *given(PAGE)]) == []


def test_what_only_builds_is_not_passed_on() -> None:
    names = {each.name for each in given(PAGE)}
    assert "preact" in names
    assert not {"vite", "typescript", "@biomejs/biome"} & names
    assert not [each for each in given(IMAGE) if each.name.endswith(("darwin-arm64", "win32-x64-msvc"))]


@pytest.mark.parametrize(
    "licence", ["MIT", "(MPL-2.0 OR Apache-2.0)", "(MIT OR GPL-3.0-or-later)", "MIT AND MPL-2.0", "(MIT AND Zlib)"]
)
def test_a_licence_is_allowed_when_one_choice_is(licence: str) -> None:
    assert is_allowed(licence)


@pytest.mark.parametrize(
    "licence", ["", "GPL-3.0-only", "AGPL-3.0 OR SSPL-1.0", "MIT AND GPL-2.0", "UNLICENSED", "SEE LICENSE IN x"]
)
def test_any_other_licence_is_told(tmp_path: Path, licence: str) -> None:
    (said,) = unlicensed([npm(tmp_path, license=licence)])
    assert said.startswith("it 1.0.0 (package-lock.json) has the licence")


def test_python_packages_tell_their_licence_in_one_of_three_ways() -> None:
    said = {each.name: licence_of(each) for each in given(IMAGE) if each.ecosystem == "PyPI"}
    assert (said["click"], said["urllib3"], said["blinker"]) == ("BSD-3-Clause", "MIT", "MIT")
    assert said["s3transfer"] == "Apache-2.0"


def test_notice_is_what_the_locks_say() -> None:
    assert (ROOT / "NOTICE").read_text() == notice(), "python -m supply notice > NOTICE"
