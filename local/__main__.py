"""`python -m local`: the whole product on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from local.config import LocalConfig
from local.errors import LocalError, explain_unexpected
from local.programs.launcher import Interrupted, Launcher

ROOT = Path(__file__).resolve().parent.parent


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    os.umask(0o077)  # for all that is started, too: what is written here is its owner's
    try:
        config = LocalConfig.from_env(os.environ, ROOT)
    except LocalError as error:
        return fail(str(error))
    return guarded(Launcher(config, say).run, config.logs / "launcher.log")


def guarded(run: Callable[[], None], log: Path) -> int:
    """The exit code; whatever goes wrong is a sentence."""
    try:
        run()
    except LocalError as error:
        return fail(str(error))
    except Interrupted:
        return 0
    except Exception as error:  # noqa: BLE001  the edge of the program
        return fail(explain(error, log))
    return 0


def explain(error: Exception, log: Path) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be used ({error.strerror}): move it away, or `make reset`."
    return explain_unexpected(error, log)


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
