"""`python -m container.image.prune <node_modules> <site-packages>`: what no turn, tool or schedule of ours needs.

The tests of the image have a conversation, tools, compaction and cron without it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

UNUSED: Mapping[str, str] = {
    "openclaw/dist/worker": "for machines that a gateway hires",
    "openclaw/dist/control-ui": "OpenClaw's own page, which is off",
    "openclaw/docs": "for people",
    "openclaw/patches": "for its build",
    "openclaw/node_modules/chrome-devtools-mcp": "for the browser plugin, which is off",
    "openclaw/CHANGELOG.md": "for people",
    "typescript": "a compiler",
    "@types": "for a compiler",
    "@trycua": "a desktop to click on",
    "@mistralai": "a provider that is not among ours",
    "grammy": "OpenClaw's own Telegram channel, which is off",
    "@grammyjs": "the same",
    "web-tree-sitter": "OpenClaw brings a copy of its own",
    "highlight.js": "colours for a page",
}
SUFFIXES = (".d.ts", ".d.mts", ".d.cts", ".ts", ".mts", ".cts", ".map", ".flow", ".tsbuildinfo")
FOR_PEOPLE = ("readme.md", "changelog.md", "history.md", "contributing.md")
SERVICES = {"apigatewaymanagementapi", "dynamodb", "s3", "ssm", "sts"}  # of AWS, that the bridge talks to


def main(node_modules: Path, site_packages: Path) -> None:
    before = _size(node_modules) + _size(site_packages)
    for path in [*_unused_modules(node_modules), *_unused_services(site_packages)]:
        _remove(path)
    _remove_dangling(node_modules)
    after = _size(node_modules) + _size(site_packages)
    sys.stdout.write(f"pruned from {before >> 20} MB to {after >> 20} MB\n")


def _unused_modules(root: Path) -> Iterator[Path]:
    yield from (root / name for name in UNUSED)
    for path in root.rglob("*"):
        if path.is_file() and (path.name.endswith(SUFFIXES) or path.name.lower() in FOR_PEOPLE):
            yield path


def _unused_services(site_packages: Path) -> Iterator[Path]:
    """botocore knows 400 services; the files beside them are for all."""
    for path in (site_packages / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            yield path
    yield from (site_packages / "boto3" / "examples",)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _remove_dangling(root: Path) -> None:
    """Commands of packages that are gone."""
    for link in root.rglob("*"):
        if link.is_symlink() and not link.exists():
            link.unlink()


def _size(root: Path) -> int:
    return sum(path.lstat().st_size for path in root.rglob("*"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
