"""What an image brings ready-made: OpenClaw's modules compiled, and the state that a first start would make."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)
MADE_BY_A_START = "state"  # the folder that every state has after OpenClaw's first start


@dataclass(frozen=True)
class Prebaked:
    folder: Path

    @property
    def modules(self) -> Path:
        return self.folder / "modules"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def seed(self, state_dir: Path) -> None:
        """Only where OpenClaw has never been: what was restored is somebody's memory, and may have links anywhere."""
        if not self.state.is_dir() or os.path.lexists(state_dir / MADE_BY_A_START):
            return
        if not any(path.is_symlink() for path in state_dir.rglob("*")):
            shutil.copytree(self.state, state_dir, dirs_exist_ok=True)

    def link(self, node: str, cache: Path) -> None:
        """Gives Node the compiled modules under the name it looks for.

        That name holds the features of the processor, and the machine that built the image had others; the modules
        are compiled to byte code, which is the same everywhere (for V8's flags and version Node looks by itself).
        """
        try:
            place = Path(_ask_place(node, cache))
            shutil.rmtree(place)
            place.symlink_to(self.modules)
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("OpenClaw's compiled modules are not used, its start takes longer: %s", error)


def _ask_place(node: str, cache: Path) -> str:
    """Node makes the folder, too."""
    command = [node, "-p", 'require("module").getCompileCacheDir()']
    environ = {"NODE_COMPILE_CACHE": str(cache)}
    answer = subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=20)
    return answer.stdout.strip()
