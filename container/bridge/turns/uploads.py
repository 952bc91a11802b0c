"""The files of a message from the page: fetched from the bucket when its turn begins."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.domain.attachment import File, is_text, upload_key
from chalicelib.domain.turn import Attachment, Failed
from chalicelib.errors import StorageUnavailable
from chalicelib.ports import Objects, Sleep
from container.bridge.ports import FilesMissing

log = logging.getLogger(__name__)
PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between tries for a file


@dataclass(frozen=True)
class UploadedFiles:
    user_id: str
    objects: Objects
    sleep: Sleep

    def fetch(self, file: File) -> Attachment:
        """Raises FilesMissing, with words for the person."""
        content = self._read(file)
        if content is None:
            raise FilesMissing(Failed("not_found", f"{file.name} is not stored any more. Attach it again.", True))
        if file.mime_type.startswith("text/") and not is_text(content):
            raise FilesMissing(
                Failed("invalid_message", f"{file.name} is not a text that can be read. Attach it as UTF-8.", False)
            )
        return Attachment(file.mime_type, file.name, content)

    def _read(self, file: File) -> bytes | None:
        for pause in (*PAUSES, None):
            try:
                found = self.objects.get(upload_key(self.user_id, file.id))
                return found.body if found else None
            except StorageUnavailable as error:
                log.warning("upload %s: %s", file.id, error)
                if pause is not None:
                    self.sleep(pause)
        words = f"{file.name} could not be fetched from the storage just now. Send the message again."
        raise FilesMissing(Failed("interrupted", words, True))
