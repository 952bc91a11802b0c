"""What moto looks up on disk anew for each request or service, and what never changes."""

from __future__ import annotations

from functools import cache

from moto import backends
from moto.core import loaders, utils


def install() -> None:
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    vars(utils)["create_loader"] = cache(loaders.create_loader)
