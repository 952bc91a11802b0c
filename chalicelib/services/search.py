"""Search over everything that a user said and was answered, newest conversation first.

Nothing is indexed: one call reads a bounded part of the user's own rows, and says where the next one goes on. To read
4 MB costs 1,000 reads, an eightieth of a cent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.limits import SEARCHES
from chalicelib.domain.search import Cursor, Hit, excerpt, read_cursor, read_words
from chalicelib.domain.times import from_text
from chalicelib.long_texts import text_bytes
from chalicelib.services.history import FACTS_BYTES, History
from chalicelib.services.rate_limits import RateLimits
from chalicelib.store import Item

HITS = 20  # in one answer
MOST_BYTES = 4_000_000  # that one call reads
MOST_TALKS = 100  # that one call looks into, each by a query of its own
ROWS = 20  # of a query, of up to 100 KB each
SAID = ("user", "agent")


@dataclass(frozen=True)
class Found:
    hits: tuple[Hit, ...]
    after: str | None  # ask for this next; None when everything was looked at


@dataclass(frozen=True)
class Search:
    history: History
    limits: RateLimits
    most_hits: int = HITS
    most_bytes: int = MOST_BYTES
    most_talks: int = MOST_TALKS

    def find(self, user_id: str, q: str, after: str | None = None) -> Found:
        """What has all words of `q`, at most 200 characters, in any order and case; deleted conversations are left out.

        A call looks at a part, newest first: `after` goes on behind it. Raises InvalidMessage, RateLimited.
        """
        words = read_words(q)
        begin = read_cursor(after) if after is not None else None
        begun = begin.begun if begin else self.limits.clock()
        self.limits.take(user_id, SEARCHES)
        hits: list[Hit] = []
        read, talks = 0, set[str]()
        for talk, row in self._walk(user_id, begin):
            talks.add(talk.id)
            if len(hits) == self.most_hits or read > self.most_bytes or len(talks) > self.most_talks:
                return Found(tuple(hits), Cursor(begun, talk.last_at, talk.id, seq_of(row) if row else None).text)
            read += FACTS_BYTES + (text_bytes(row) if row else 0)
            if (shown := excerpt(words, row["text"] if row else talk.title)) is not None:
                hits.append(_hit(talk, row, shown))
        return Found(tuple(hits), None)

    def _walk(self, user_id: str, begin: Cursor | None) -> Iterator[tuple[Conversation, Item | None]]:
        """Each conversation by its title, then what was said in it, newest first; from `begin` on."""
        talks = self.history.conversations(user_id)
        for talk in sorted(talks, key=lambda each: (each.last_at, each.id), reverse=True):
            here = begin is not None and talk.id == begin.conversation_id and talk.last_at == begin.at
            if (
                begin
                and not here
                and (begin.at, begin.conversation_id) <= (talk.last_at, talk.id) <= (begin.begun, "~")
            ):
                continue
            seq = begin.seq if begin and here else None
            if seq is None:
                yield talk, None
            for row in self._said(user_id, talk.id, None if seq is None else seq + 1):
                yield talk, row

    def _said(self, user_id: str, conversation_id: str, before: int | None) -> Iterator[Item]:
        while True:
            rows = self.history.rows.rows(user_id, conversation_id, before=before, limit=ROWS)
            yield from (row for row in reversed(rows) if row["role"] in SAID)
            if len(rows) < ROWS:
                return
            before = seq_of(rows[0])


def seq_of(row: Item) -> int:
    return int(row["sk"].rsplit("#", 1)[1])


def _hit(talk: Conversation, row: Item | None, shown: str) -> Hit:
    if row is None:
        return Hit(talk.id, talk.title, talk.last_at)
    at = from_text(row["createdAt"])
    return Hit(talk.id, talk.title, at, shown, seq_of(row), row["role"])
