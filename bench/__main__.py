"""`make bench`: every benchmark, one after the other, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SHARED = ("__init__", "__main__", "bare", "report")


def main() -> int:
    programs = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in SHARED)
    failed = [name for name in programs if _run(name)]
    if failed:
        print(f"could not be measured: {', '.join(failed)}")
    return len(failed)


def _run(name: str) -> int:
    print(f"\n== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
