"""What is in the image, and what must not be."""

from __future__ import annotations

import json

import pytest

from tests.image.engine import Engine

TOOLS_OF_A_BUILD = ("gcc", "cc", "make", "ld", "npm", "npx", "pip", "pip3", "git", "curl", "wget")
LOOK = f"""
import json, os, pathlib, shutil
found = {{"setuid": [], "history": [], "keys": []}}
found["tools"] = [name for name in {TOOLS_OF_A_BUILD} if shutil.which(name)]
for root, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(root, name) not in ("/proc", "/sys")]
    for name in files:
        path = pathlib.Path(root, name)
        try:
            mode = path.lstat().st_mode
        except OSError:
            continue
        if mode & 0o6000:
            found["setuid"].append(str(path))
        if name.endswith("_history") or name in (".netrc", ".npmrc", ".pypirc") or "/.aws/" in str(path):
            found["history"].append(str(path))
for path in pathlib.Path("/opt/openclaw/state").rglob("*"):
    if path.is_file() and (b"PRIVATE KEY" in path.read_bytes() or path.suffix == ".key"):
        found["keys"].append(str(path))
found["uid"] = os.getuid()
found["bill"] = json.loads(pathlib.Path("/app/sbom.json").read_text())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(engine: Engine) -> dict[str, object]:
    return dict(json.loads(engine.run(LOOK)))


def test_nothing_in_it_builds_or_fetches(found: dict[str, object]) -> None:
    assert found["tools"] == []


def test_nothing_in_it_gives_another_user(found: dict[str, object]) -> None:
    assert found["setuid"] == []
    assert found["uid"] == 10001


def test_no_history_and_no_key_stayed_in_it(found: dict[str, object]) -> None:
    assert found["history"] == []
    assert found["keys"] == []


def test_its_bill_of_materials_names_what_matters(found: dict[str, object]) -> None:
    bill = found["bill"]
    assert isinstance(bill, dict)
    names = {component["name"] for component in bill["components"]}
    assert {"openclaw", "node", "boto3", "cryptography", "libc6"} <= names
    assert "typescript" not in names


def test_its_history_tells_no_secret(engine: Engine) -> None:
    history = str(engine.client.images.get(engine.image).history())
    assert "ENTRYPOINT" in history
    assert not [word for word in ("TOKEN", "SECRET", "PASSWORD", "API_KEY") if word in history]
