"""Whatever an update holds, reading it never raises: Telegram would send it again for ever, and nothing behind it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.telegram import Said, parse
from chalicelib.domain.telegram_fields import LARGEST

PERSON = {"id": 42, "is_bot": False, "first_name": "Ada", "username": "ada_l", "language_code": "ko"}
MESSAGE = {"message_id": 1, "from": PERSON, "chat": {"id": 42, "type": "private"}, "text": "Hello", "caption": "c"}
PHOTO = {"photo": [{"file_id": "f", "width": 1, "height": 1, "file_size": 3}]}
PAPER = {"document": {"file_id": "f", "file_name": "n", "mime_type": "m/n", "file_size": 3}}
PRESS = {"id": "q", "from": PERSON, "message": MESSAGE, "data": "talk:x"}
UPDATES = (
    {"update_id": 7, "message": MESSAGE},
    {"update_id": 7, "message": MESSAGE | PHOTO},
    {"update_id": 7, "message": MESSAGE | PAPER},
    {"update_id": 7, "edited_message": MESSAGE},
    {"update_id": 7, "callback_query": PRESS},
)
STRANGE: list[Any] = [None, True, "x", "", "\ud83d", -1, 10**40, 1e999, 0.5, [], {}, [[]], {"id": {}}, "x" * 20_000]


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*before, key)
        yield from places(each, (*before, key))


def spoil(update: Any, place: tuple[Any, ...], value: Any) -> None:
    """Unless the place is gone already."""
    try:
        for key in place[:-1]:
            update = update[key]
        update[place[-1]] = value
    except (KeyError, TypeError, IndexError):
        pass


@given(st.data(), st.sampled_from(UPDATES))
def test_no_field_of_an_update_can_make_reading_it_fail(data: st.DataObject, update: Any) -> None:
    spoiled = copy.deepcopy(update)
    for place in data.draw(st.lists(st.sampled_from(list(places(update))), min_size=1, max_size=4)):
        spoil(spoiled, place, copy.deepcopy(data.draw(st.sampled_from(STRANGE))))

    fact = parse(json.dumps(spoiled))
    if fact:
        assert abs(fact.sender.id) <= LARGEST
    if isinstance(fact, Said):
        assert fact.text.encode()
        assert all(file.id.encode() and 0 <= file.size <= LARGEST for file in fact.part.files)


def test_what_is_whole_is_read() -> None:
    assert all(parse(json.dumps(update)) for update in UPDATES)
