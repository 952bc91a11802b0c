"""The files of a message, and of the message that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.attachment import File
from chalicelib.domain.telegram_fields import items, mapping, number, string
from chalicelib.domain.text import one_line

Json = Mapping[str, Any]
LONGEST_NAME = 120


def read_files(message: Json) -> tuple[File, ...]:
    """A photo in its largest size, or a document. Animations are films, though they come as documents, too."""
    if "animation" in message:
        return ()
    if sizes := items(message.get("photo")):
        largest = max(sizes, key=lambda size: number(size.get("width")) * number(size.get("height")))
        return _file(largest, "photo.jpg", "image/jpeg")
    document = mapping(message.get("document"))
    name = one_line(string(document.get("file_name")), LONGEST_NAME).replace("/", "_")
    return _file(
        document, name or "document", one_line(string(document.get("mime_type"))) or "application/octet-stream"
    )


def read_answered(message: Json) -> tuple[File, ...]:
    """What the answer is about. The message is good without them."""
    answered = (mapping(message.get(key)) for key in ("reply_to_message", "external_reply"))
    found = (file for each in answered for file in read_files(each))
    return tuple(File(file.id, file.name, file.mime_type, file.size, optional=True) for file in found)


def _file(fields: Json, name: str, mime_type: str) -> tuple[File, ...]:
    file_id = string(fields.get("file_id"))
    return (File(file_id, name, mime_type, max(0, number(fields.get("file_size")))),) if file_id else ()
