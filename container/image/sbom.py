"""`python -m container.image.sbom <node_modules> <site-packages> <version of Node>`: the bill of materials, printed.

CycloneDX, read from what lies on the disk after everything was removed that is not needed, not from what was asked for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

Component = dict[str, Any]
DPKG = Path("/var/lib/dpkg/status")


def main(node_modules: Path, site_packages: Path, node: str) -> None:
    found = [*_debian(), _component("generic", "node", node, "MIT"), *_npm(node_modules), *_python(site_packages)]
    unique = {component["purl"]: component for component in found}
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "components": [unique[purl] for purl in sorted(unique)],
    }
    json.dump(bill, sys.stdout, indent=1)


def _component(kind: str, name: str, version: str, licence: str | None = None) -> Component:
    component: Component = {"type": "library", "name": name, "version": version}
    component["purl"] = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def _debian() -> Iterator[Component]:
    text = DPKG.read_text() if DPKG.exists() else ""
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != " ")
        if fields.get("Status", "").endswith(" installed"):
            yield _component("deb/debian", fields["Package"], fields["Version"])


def _npm(node_modules: Path) -> Iterator[Component]:
    for path in node_modules.rglob("package.json"):
        if path.parent.parent.name == "node_modules" or path.parent.parent.name.startswith("@"):
            package = json.loads(path.read_text())
            if "name" in package and "version" in package:
                licence = package.get("license")
                yield _component(
                    "npm", package["name"], package["version"], licence if isinstance(licence, str) else None
                )


def _python(site_packages: Path) -> Iterator[Component]:
    for found in distributions(path=[str(site_packages)]):
        yield _component("pypi", found.metadata["Name"].lower(), found.version)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].removeprefix("v"))
