"""The files of a message from the page: fetched from the bucket when its turn begins."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.domain.attachment import File, is_text, upload_key
from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.turn import Attachment
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
            raise FilesMissing(failed("not_found.file", name=file.name))
        if file.mime_type.startswith("text/") and not is_text(content):
            raise FilesMissing(failed("invalid_message.file_not_text", name=file.name))
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
        raise FilesMissing(failed("interrupted.file_not_stored", name=file.name))
