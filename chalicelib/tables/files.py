"""The files of a message, as rows keep them."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.attachment import File
from chalicelib.store import Item


def file_facts(files: Sequence[File]) -> list[dict[str, str | int]] | None:
    facts: list[dict[str, str | int]] = [
        {"id": file.id, "name": file.name, "mimeType": file.mime_type, "size": file.size} for file in files
    ]
    return facts or None


def read_files(row: Item) -> tuple[File, ...]:
    return tuple(File(each["id"], each["name"], each["mimeType"], each["size"]) for each in row.get("files") or ())
