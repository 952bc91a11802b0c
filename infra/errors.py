"""What the driver says when it cannot go on: what happened, and what to do about it."""

from __future__ import annotations

import traceback
from pathlib import Path


class DriverError(Exception):
    """Base of all; the message is for the person who runs the driver."""


class AwsError(DriverError):
    """AWS refused or did not answer; `code` is AWS's own."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class StackFailed(DriverError):
    """CloudFormation went back to what was before."""


class BuildFailed(DriverError):
    """There is no new image."""


class DeployFailed(DriverError):
    """`chalice deploy` did not end well."""


class CheckFailed(DriverError):
    """Everything is deployed, but the agent does not do what it should."""


def explain_unexpected(error: Exception, log: Path) -> str:
    """What to print of an error that nobody foresaw; its traceback goes to `log`."""
    details = "".join(traceback.format_exception(error))
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(details)
    except OSError:
        return details
    return f"An error that was not expected, {type(error).__name__}: {error}. Its details are in {log}."
