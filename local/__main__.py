"""`python -m local`: the whole product on this machine."""

import os
import sys
from pathlib import Path

from local.config import LocalConfig
from local.errors import LocalError
from local.programs.launcher import Interrupted, Launcher

ROOT = Path(__file__).resolve().parent.parent


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    try:
        Launcher(LocalConfig.from_env(os.environ, ROOT), say).run()
    except LocalError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"{error.filename} cannot be used ({error.strerror}): move it away, or `make reset`.", file=sys.stderr)
        return 1
    except Interrupted:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
