"""What the driver says when it cannot go on: what happened, and what to do about it."""

from __future__ import annotations


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
