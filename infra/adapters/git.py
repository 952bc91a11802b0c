"""Git: what a deploy writes into a tracked file is no change of it, so nobody commits it by mistake."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILTER = "serverless-openclaw"


@dataclass(frozen=True)
class Checkout:
    root: Path

    def keep_clean(self, file: str, clean: str) -> None:
        """`clean` is a shell command that turns the file's content into what Git keeps of it. Without Git: nothing."""
        name = self._git("ls-files", "--full-name", "--error-unmatch", file)
        place = self._git("rev-parse", "--git-path", "info/attributes")
        if not name or not place:
            return
        self._git("config", f"filter.{FILTER}.clean", clean)
        _add_line(self.root / place, f"/{name} filter={FILTER}")
        if self._git("diff", "--quiet", "--", file) is not None:
            self._git("add", "--", file)  # the same content: Git only notes the file's new size

    def _git(self, *words: str) -> str | None:
        """What it said; None when it failed or is not there."""
        command: Sequence[str] = ("git", *words)
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True, timeout=30)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()


def _add_line(file: Path, line: str) -> None:
    lines = file.read_text().splitlines() if file.is_file() else []
    if line not in lines:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([*lines, line]) + "\n")
