"""botocore's descriptions of AWS's services, found and read once for all tests: each new session would do it again."""

from __future__ import annotations

from functools import cache

from botocore import session
from botocore.loaders import create_loader

one_loader = cache(create_loader)


def share_models() -> None:
    """For all sessions that this process makes from now on."""
    session.create_loader = one_loader
