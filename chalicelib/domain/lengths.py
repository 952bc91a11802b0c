"""How long a text may be, and where it is then: one number for each way, the same for every channel and language.

A message's text is counted in characters as JavaScript and Telegram count them (UTF-16 units), so that the same number
stands in the page, in the cloud and in chats. Whatever its language, a text of that length fits a frame of the socket.
"""

from __future__ import annotations

import json
from bisect import bisect_right

from chalicelib.domain.telegram_text import units

KILOBYTE = 1024
MESSAGE_CHARS = 8_000  # of one message; three bytes each at most, and a frame has 24 KiB
TEXT_BYTES = 400 * KILOBYTE  # of a text that comes with a message as an upload
INLINE_BYTES = 100 * KILOBYTE  # of a text in its row; DynamoDB takes 400 KB a row and 4 MB a transaction
ANSWER_BYTES = 5_000_000  # of one answer in a page of the history: a Lambda's answer ends at 6 MB
HISTORY_BYTES = 4_000_000  # of a page of the history, unless it is a single entry
CUT = "\n\n[The answer was longer than can be kept. It ends here. · 답변이 너무 길어 여기까지만 저장했습니다.]"


def is_short(text: str) -> bool:
    """May it be the text of a message?"""
    return units(text) <= MESSAGE_CHARS


def weigh(text: str) -> int:
    """Its bytes in a Lambda's answer, which is JSON within JSON, in ASCII: one a letter of English, seven of Korean."""
    return len(json.dumps(json.dumps(text)))


def cut(text: str, most: int = ANSWER_BYTES) -> str:
    """The text, or as much of it as can be kept, and a line that says so."""
    if len(text) * 14 <= most or weigh(text) <= most:  # no character weighs more than a surrogate pair
        return text
    room = most - weigh(CUT)
    return text[: bisect_right(range(1, len(text) + 1), room, key=lambda size: weigh(text[:size]))] + CUT
