"""What runs while the image is built: what it removes, what it keeps, what it tells of it."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from container.image import prune, sbom
from container.image.model import model
from container.image.template import make_template


def write(root: Path, *names: str, content: str = "x") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_pruning_leaves_what_runs(tmp_path: Path) -> None:
    node, python = tmp_path / "node_modules", tmp_path / "site-packages"
    write(node, "openclaw/dist/entry.js", "openclaw/skills/a/SKILL.md", "zod/index.js", "zod/LICENSE.md")
    write(node, "openclaw/dist/worker/worker.mjs", "typescript/lib/tsc.js", "zod/index.d.ts", "zod/README.md", "a.map")
    write(
        python, "botocore/data/dynamodb/service.json", "botocore/data/ec2/service.json", "botocore/data/endpoints.json"
    )
    (node / ".bin").mkdir()
    (node / ".bin" / "tsc").symlink_to("../typescript/lib/tsc.js")
    prune.main(node, python)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()}
    assert left == {
        *("node_modules/openclaw/dist/entry.js", "node_modules/openclaw/skills/a/SKILL.md"),
        *("node_modules/zod/index.js", "node_modules/zod/LICENSE.md"),
        *("site-packages/botocore/data/dynamodb/service.json", "site-packages/botocore/data/endpoints.json"),
    }


def test_a_template_has_no_key_of_anybody(tmp_path: Path) -> None:
    state = tmp_path / "state"
    write(state, "openclaw.json", "openclaw.json.bak", "config-journal-fingerprint.key", "logs/openclaw.log")
    write(state, "agents/main/agent/settings.json", "state/note")
    with closing(sqlite3.connect(state / "state" / "openclaw.sqlite")) as made, made:
        made.execute("CREATE TABLE device_identities (key TEXT)")
        made.execute("CREATE TABLE schema_meta (kept TEXT)")
        made.execute("INSERT INTO device_identities VALUES ('-----PRIVATE KEY of somebody')")
        made.execute("INSERT INTO schema_meta VALUES ('version')")
    make_template(state, tmp_path / "template")
    left = {path.relative_to(tmp_path / "template").as_posix() for path in (tmp_path / "template").rglob("*.*")}
    assert left == {"agents/main/agent/settings.json", "state/openclaw.sqlite"}
    content = (tmp_path / "template" / "state" / "openclaw.sqlite").read_bytes()
    assert b"PRIVATE KEY" not in content
    assert b"version" in content


def test_the_bill_of_materials_has_each_package_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node, python = tmp_path / "node_modules", tmp_path / "site-packages"
    package = json.dumps({"name": "@a/b", "version": "1.0.0", "license": "MIT"})
    write(node, "@a/b/package.json", "c/node_modules/@a/b/package.json", content=package)
    write(node, "@a/b/dist/package.json", content='{"type": "module"}')
    write(python, "thing-2.0.dist-info/METADATA", content="Metadata-Version: 2.1\nName: Thing\nVersion: 2.0\n")
    sbom.main(node, python, "24.0.0")
    bill = json.loads(capsys.readouterr().out)
    found = [each["purl"] for each in bill["components"] if not each["purl"].startswith("pkg:deb")]
    assert found == ["pkg:generic/node@24.0.0", "pkg:npm/%40a/b@1.0.0", "pkg:pypi/thing@2.0"]


def test_the_model_uses_its_tool_once() -> None:
    asked = json.dumps({"stream": True, "tools": [{}]}).encode()
    with model() as address:
        kinds = []
        for _ in range(2):
            with urllib.request.urlopen(f"{address}/v1/messages", asked, timeout=5) as answer:
                kinds.append(b"tool_use" in answer.read())
    assert kinds == [True, False]
