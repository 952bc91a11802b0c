"""botocore's descriptions of AWS's services, read once for all tests: each new session would read them again."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


class KnownModels(JSONFileLoader):
    """What was read stays; nobody changes it but botocore, which makes the same additions each time."""

    def load_file(self, file_path: str) -> Any:
        return _read(file_path)


@cache
def _read(path: str) -> Any:
    return JSONFileLoader().load_file(path)


def share_models() -> None:
    """For all sessions that this process makes from now on."""
    Loader.FILE_LOADER_CLASS = KnownModels
