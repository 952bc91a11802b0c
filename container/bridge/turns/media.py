"""Files that the agent hands over with an answer: from OpenClaw into the user's part of the bucket."""

from __future__ import annotations

import hashlib
import logging
import mimetypes
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.conversation import media_key
from chalicelib.domain.inbox import Message
from chalicelib.domain.kept import Media, kind_of_file
from chalicelib.domain.telegram_words import say
from chalicelib.domain.turn import Handed
from chalicelib.errors import Fenced
from chalicelib.ports import Objects
from container.bridge.ports import FileTooLarge, Gateway
from container.bridge.retry import retry

log = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
MOST_BYTES = 20 * MEGABYTE  # of one file
MOST_FILES = 10  # of one answer
NAME_LENGTH = 120
NAMES = uuid.UUID("6f2b8f1e-6c39-4ed6-9b4e-0c6f3a6f5f10")  # so that a file that is stored again is the same one
PAUSES = (0.2, 1.0, 3.0)


@dataclass(frozen=True)
class MediaShelf:
    user_id: str
    objects: Objects
    gateway: Gateway
    sleep: Callable[[float], None]

    def take(
        self, message: Message, handed: Sequence[Handed], wanted: Callable[[], bool] = lambda: True
    ) -> Iterator[Media | Handed]:
        """What is in the bucket now, and what could not be had, with its problem. `wanted`: no file when it is not."""
        for number, file in enumerate(handed):
            if not wanted():
                yield replace(file, problem=file.problem or "lost")
            elif number >= MOST_FILES:
                yield replace(file, problem="too_many")
            else:
                yield file if file.problem else self._take(message, number, file)

    def _take(self, message: Message, number: int, file: Handed) -> Media | Handed:
        try:
            content = self.gateway.fetch(message.conversation_id, file.artifact or "", MOST_BYTES)
            # With its content: what an earlier epoch still writes is another file, not another content of this one.
            name = f"{message.id}/{number}/{hashlib.sha256(content).hexdigest()}"
            return self._put(str(uuid.uuid5(NAMES, name)), file, content)
        except FileTooLarge:
            return replace(file, problem="too_large")
        except Fenced:
            raise
        except Exception:  # one file's trouble, whatever it is, costs no answer
            log.exception("a file is not handed over")
            return replace(file, problem="lost")

    def _put(self, media_id: str, file: Handed, content: bytes) -> Media:
        name = file.name[:NAME_LENGTH] or "file"
        mime_type = file.mime_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        media = Media(media_id, kind_of_file(mime_type), name, mime_type, len(content))
        key = media_key(self.user_id, media_id)
        retry(lambda: self.objects.put_file(key, content, media.name, media.mime_type), self.sleep, PAUSES)
        return media


def explain(text: str, lost: Sequence[Handed], language: str) -> str:
    """The answer, and under it what is to be said of files that did not come with it."""
    facts = {"limit": MOST_BYTES // MEGABYTE, "most": MOST_FILES}
    lines = [say(language, f"file_{file.problem}", name=file.name or "?", **facts) for file in lost]
    told = "\n".join(f"_{line}_" for line in dict.fromkeys(lines))
    return f"{text}\n\n{told}".strip()
