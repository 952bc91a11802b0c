"""The files of a message, as rows keep them."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.attachment import File
from chalicelib.store import Item


def file_facts(files: Sequence[File]) -> list[dict[str, str | int]] | None:
    return [_facts(file) for file in files] or None


def _facts(file: File) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"id": file.id, "name": file.name, "mimeType": file.mime_type, "size": file.size}
    return {**facts, "optional": True} if file.optional else facts


def read_files(row: Item) -> tuple[File, ...]:
    return tuple(map(_read, row.get("files") or ()))


def _read(facts: Item) -> File:
    return File(facts["id"], facts["name"], facts["mimeType"], facts["size"], facts.get("optional", False))
