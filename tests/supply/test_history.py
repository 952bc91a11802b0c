"""A secret that was ever committed is found, named without being repeated, and only what is new is read again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from supply.history import PATTERNS, Secret, find, search

# Joined here, so that no search finds them in this file.
SECRETS = {
    "an AWS access key": "AKIA" + "Q3EGR6WXJ2YHTB7K",
    "an AWS secret key": "aws_secret_access_key = " + "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz",
    "a private key": "-----BEGIN EC " + "PRIVATE KEY-----",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "a model provider's key": "sk-ant-api03-" + "a1B2-c3_" * 6,
    "a Google key": "AIza" + "Sy_-a" * 7,
    "a Telegram bot's token": "123456789:AA" + "Hq-_x" * 6 + "abc",
    "a registry's token": "npm_" + "a1B2" * 9,
    "a Slack token": "xoxb-" + "1234567890-abcdefghijk",
    "an identity token": "eyJ" + "hbGciOiJIUzI1NiJ9x" + ".eyJ" + "zdWIiOiIxMjM0NTY3" + "." + "dozjgNryP4J3jVmN",
    "a password in an address": "postgres://ada:" + "correcthorsebattery@db.example",
}


def git(root: Path, *words: str) -> str:
    name = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *name, *words], cwd=root, check=True, capture_output=True, text=True).stdout


def commit(root: Path, file: str, text: str) -> str:
    (root / file).write_text(text)
    git(root, "add", file)
    git(root, "commit", "-qm", "a change")
    return git(root, "rev-parse", "HEAD").strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    commit(root, "a.txt", "nothing\n")
    return root


def test_each_kind_has_an_example() -> None:
    assert SECRETS.keys() == PATTERNS.keys()


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_of_each_kind_is_found_and_not_repeated(kind: str) -> None:
    lines = ["commit 0123456789abcdef", "+++ b/some/file.py", f'+KEY = "{SECRETS[kind]}"']
    (found,) = find(lines, {})
    assert (found.kind, found.file) == (kind, "some/file.py")
    assert SECRETS[kind] not in str(found)
    assert list(find(lines, {found.mark: "made up"})) == []


@pytest.mark.parametrize(
    "line",
    [
        "sk-key", "AKIA", "token = os.environ['GITHUB_TOKEN']", "https://ada@example.com/",
        "-----BEGIN CERTIFICATE-----", "https://${USER}:${PASSWORD}@example.com", "http://a:b@evil.example",
        "integrity sha512-AAAAAAAA",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_not_found(line: str) -> None:
    assert list(find([f"+{line}"], {})) == []


def test_one_that_was_deleted_again_is_still_in_the_history(root: Path, tmp_path: Path) -> None:
    bad = commit(root, "b.txt", f"{SECRETS['a GitHub token']}\n")
    commit(root, "b.txt", "gone\n")
    (found,) = search(root, tmp_path / "cache", {}) or []
    assert (found.commit, found.file, found.kind) == (bad, "b.txt", "a GitHub token")


def test_one_that_a_merge_brings_in_is_found(root: Path, tmp_path: Path) -> None:
    git(root, "checkout", "-qb", "side")
    commit(root, "a.txt", "side\n")
    git(root, "checkout", "-q", "main")
    commit(root, "a.txt", "main\n")
    subprocess.run(["git", "merge", "side"], cwd=root, check=False, capture_output=True)
    commit(root, "a.txt", f"{SECRETS['a GitHub token']}\n")
    assert [each.file for each in search(root, tmp_path / "cache", {}) or []] == ["a.txt"]


def test_one_that_is_not_committed_yet_is_found(root: Path, tmp_path: Path) -> None:
    (root / "a.txt").write_text(f"{SECRETS['a Slack token']}\n")
    assert search(root, tmp_path / "cache", {}) == [
        Secret("a Slack token", "not committed", "a.txt", (search(root, tmp_path / "cache", {}) or [])[0].mark)
    ]


def test_only_what_is_new_is_read_again(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert search(root, cache, {}) == []
    head = git(root, "rev-parse", "HEAD").strip()
    assert cache.read_text().endswith(head)
    commit(root, "b.txt", f"{SECRETS['a Slack token']}\n")
    assert len(search(root, cache, {}) or []) == 1
    assert cache.read_text().endswith(head)  # it is found until it is accepted
    assert len(search(root, cache, {}) or []) == 1


def test_other_patterns_and_another_history_are_searched_from_the_beginning(root: Path, tmp_path: Path) -> None:
    commit(root, "b.txt", f"{SECRETS['a Slack token']}\n")
    head = git(root, "rev-parse", "HEAD").strip()
    for kept in (f"older {head}", "garbage", f"older {'0' * 40}"):
        (tmp_path / "cache").write_text(kept)
        assert len(search(root, tmp_path / "cache", {}) or []) == 1


def test_without_a_history_nothing_is_searched_nor_that_of_a_repository_around_it(root: Path) -> None:
    unpacked = root / "unpacked"
    unpacked.mkdir()
    assert search(unpacked, unpacked / "cache", {}) is None
