"""`python -m local.reset`: forgets the state folder; refused while the product runs on it."""

import os
import shutil
import sys
from pathlib import Path

from local.config import LocalConfig
from local.errors import LocalError
from local.programs.lock import held


def forget(state: Path) -> None:
    if not state.exists():
        return
    with held(state / "lock"):
        for path in state.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()


if __name__ == "__main__":
    os.umask(0o077)
    try:
        forget(LocalConfig.from_env(os.environ, Path(__file__).resolve().parent.parent).state)
    except LocalError as error:
        sys.exit(str(error))
