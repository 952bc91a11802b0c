"""What can keep the local product from starting or running; each message is one line that says what to do."""

from __future__ import annotations

import traceback
from pathlib import Path


class LocalError(Exception):
    """Base of everything that ends `python -m local` with a line instead of a traceback."""


class LocalConfigError(LocalError):
    """A variable of the environment has a value that cannot be used."""


class AlreadyRunning(LocalError):
    """Another launcher holds this state folder."""


class PortTaken(LocalError):
    """Another program listens where the page or the socket should."""


class DiskProblem(LocalError):
    """The state folder cannot be written, or its disk is full."""


class DamagedState(LocalError):
    """A file in the state folder is not what was written there."""


class ProgramFailed(LocalError):
    """One of the programs did not start, or ended by itself."""


class DockerMissing(LocalError):
    """Tasks should be containers, and no Docker Engine answers."""


class ImageFailed(LocalError):
    """The image could not be built."""


def explain_unexpected(error: Exception, log: Path) -> str:
    """What to print of an error that nobody foresaw; its traceback goes to `log`."""
    details = "".join(traceback.format_exception(error))
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(details)
    except OSError:
        return details
    return f"An error that was not expected, {type(error).__name__}: {error}. Its details are in {log}."
