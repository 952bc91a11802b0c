"""Long texts: in the bucket what a row cannot hold, so that every reader of the tables has the whole text.

A `Store` over the tables' own one. A text above `INLINE_BYTES` goes to `users/<user>/answers/<message>-<hash>` before
the transaction that names it, and the row keeps key and size. The name tells the content, so that a container of an
older epoch cannot replace what a newer one has committed. A text is fetched when somebody reads it: who only wants to
know how long rows are pays for none of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chalicelib.domain.lengths import INLINE_BYTES
from chalicelib.ports import Objects
from chalicelib.store import Item, Key, Put, Store, Table, Value, Write

KEY, BYTES = "s3Key", "textBytes"
LOST = "[This text is not stored any more. · 이 글은 더 이상 저장되어 있지 않습니다.]"


class LongRow(Mapping[str, Value]):
    """A row whose text lies elsewhere. Reading the text raises StorageUnavailable."""

    def __init__(self, row: Item, fetch: Callable[[str], str]) -> None:
        self._row, self._fetch = row, fetch

    def __getitem__(self, name: str) -> Value:
        return self.text if name == "text" else self._row[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._row, "text": None})

    def __len__(self) -> int:
        return len(self._row) + 1

    @cached_property
    def text(self) -> str:
        return self._fetch(self._row[KEY])


@dataclass(frozen=True)
class LongTexts:
    """Raises what the store raises, and StorageUnavailable for a text that cannot be written or read now."""

    store: Store
    objects: Objects

    def get(self, table: Table, key: Key) -> Item | None:
        row = self.store.get(table, key)
        return None if row is None else self._whole(row)

    def query(
        self,
        table: Table,
        user_id: str,
        *,
        start: str = "",
        end: str = "\uffff",
        limit: int | None = None,
        newest: bool = False,
    ) -> Sequence[Item]:
        rows = self.store.query(table, user_id, start=start, end=end, limit=limit, newest=newest)
        return [self._whole(row) for row in rows]

    def active(self) -> Iterable[Item]:
        return self.store.active()

    def expiring(self, second: int) -> Iterable[Item]:
        return self.store.expiring(second)

    def write(self, *writes: Write) -> Item:
        return self.store.write(*[self._shortened(write) for write in writes])

    def _whole(self, row: Item) -> Item:
        return LongRow(row, self._fetch) if KEY in row else row

    def _fetch(self, key: str) -> str:
        found = self.objects.get(key)
        return found.body.decode() if found else LOST

    def _shortened(self, write: Write) -> Write:
        text = write.item.get("text") if isinstance(write, Put) else None
        if not isinstance(write, Put) or not isinstance(text, str) or len(text) * 4 <= INLINE_BYTES:
            return write
        body = text.encode()
        if len(body) <= INLINE_BYTES:
            return write
        key = _place(write.item, body)
        self.objects.put(key, body)
        return replace(write, item={**write.item, "text": None, KEY: key, BYTES: len(body)})


def _place(row: Item, body: bytes) -> str:
    user, message = row["userId"], row["messageId"].replace(":", "-")
    assert "/" not in user + message, "an id must not lead into another's keys"
    return f"users/{user}/answers/{message}-{hashlib.sha256(body).hexdigest()[:16]}"


def text_bytes(row: Item) -> int:
    """How long a row's text is, without fetching it."""
    return int(row[BYTES]) if BYTES in row else len(row["text"].encode())
