"""History: conversations as stored, together with what is accepted and not yet answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.conversation import Conversation, Entry, title_of
from chalicelib.domain.inbox import Message, entry_of
from chalicelib.domain.lengths import HISTORY_BYTES, weigh
from chalicelib.domain.times import to_text
from chalicelib.errors import InvalidMessage, NotFound
from chalicelib.long_texts import text_bytes
from chalicelib.store import Item
from chalicelib.tables.conversations import Conversations, read_entry
from chalicelib.tables.inbox import Inbox

PAGE = 50
LARGEST_PAGE = 100
TITLE_LENGTH = 120
MARK = re.compile(r"[01]_[0-9TZ:.-]{20,32}_[0-9a-f-]{36}")
FACTS_BYTES = 2_000  # of an entry, besides its text


@dataclass(frozen=True)
class Page:
    entries: tuple[Entry, ...]
    before: int | None  # ask for this next; None at the beginning


@dataclass(frozen=True)
class ConversationPage:
    """Some of a user's conversations, pinned ones first, then newest first."""

    conversations: tuple[Conversation, ...]
    after: str | None  # ask for this next; None at the end


@dataclass(frozen=True)
class History:
    rows: Conversations
    inbox: Inbox

    def conversations(self, user_id: str) -> list[Conversation]:
        """Newest first. A conversation whose first message still waits is one too."""
        waiting = self.inbox.pending(user_id)  # before the rows: what is committed meanwhile is in both, not in none
        known = {each.id: each for each in self.rows.list(user_id)}
        for message in waiting:
            talk = known.get(message.conversation_id) or _newborn(message)
            known[talk.id] = replace(talk, last_at=max(talk.last_at, message.accepted_at))
        shown = [each for each in known.values() if not each.deleted]
        return sorted(shown, key=lambda each: each.last_at, reverse=True)

    def listing(self, user_id: str, after: str | None = None) -> ConversationPage:
        """The next page behind `after`, the mark that an earlier page gave. Raises InvalidMessage."""
        if after is not None and not MARK.fullmatch(after):
            raise InvalidMessage(f"after is {after[:40]!r}, wanted what the page before has given")
        ordered = sorted(self.conversations(user_id), key=_mark, reverse=True)
        behind = [each for each in ordered if after is None or _mark(each) < after]
        shown = tuple(behind[:PAGE])
        return ConversationPage(shown, _mark(shown[-1]) if len(behind) > PAGE else None)

    def page(self, user_id: str, conversation_id: str, before: int | None, limit: int | None) -> Page:
        """Up to `limit` entries below `before`, ascending; the newest page also has what waits. Raises NotFound."""
        size = max(1, min(limit or PAGE, LARGEST_PAGE))
        waiting = self._waiting(user_id, conversation_id) if before is None else []
        rows = self.rows.rows(user_id, conversation_id, before=before, limit=size)
        if not rows and not waiting and self.rows.get(user_id, conversation_id) is None:
            raise NotFound(f"there is no conversation {conversation_id}")
        stored = _newest(rows, HISTORY_BYTES - sum(map(_weigh, waiting)))
        full = len(rows) == size or len(stored) < len(rows)
        return Page(_merged(stored, waiting), before=stored[0].seq if full else None)

    def since(self, user_id: str, conversation_id: str, after: int) -> Iterator[Entry]:
        """One after the other: together they may be more than a Lambda holds."""
        waiting = {entry.seq: entry for entry in self._waiting(user_id, conversation_id)}
        for row in self.rows.rows(user_id, conversation_id, after):
            entry = read_entry(row)
            waiting.pop(entry.seq, None)
            yield from (waiting.pop(seq) for seq in sorted(waiting) if seq < entry.seq)
            yield entry
        yield from (waiting[seq] for seq in sorted(waiting))

    def change(self, user_id: str, conversation_id: str, body: Mapping[str, Any]) -> Conversation:
        """Title, pinned, archived, and `deleted: false` to undo. Raises InvalidMessage, NotFound."""
        changes = _changes(body)
        self._ensure(user_id, conversation_id)
        changed = self.rows.change(user_id, conversation_id, **changes)
        if changed is None:
            raise NotFound(f"there is no conversation {conversation_id}")
        return changed

    def delete(self, user_id: str, conversation_id: str) -> None:
        """Hides the conversation and cancels what waits in it; `change` with deleted false brings it back."""
        for message in self.inbox.pending(user_id):
            if message.conversation_id == conversation_id:
                self.inbox.cancel(user_id, message.id)
        self.change(user_id, conversation_id, {"deleted": True})

    def _ensure(self, user_id: str, conversation_id: str) -> None:
        """Before the first answer there is no row yet; whoever changes the conversation makes it."""
        for message in self.inbox.pending(user_id):
            if message.conversation_id == conversation_id:
                self.rows.ensure(user_id, _newborn(message))
                break

    def _waiting(self, user_id: str, conversation_id: str) -> list[Entry]:
        pending = self.inbox.pending(user_id)
        return [entry_of(message) for message in pending if message.conversation_id == conversation_id]


def _mark(talk: Conversation) -> str:
    """Where it stands in the list; marks are ordered as texts."""
    return f"{int(talk.pinned)}_{to_text(talk.last_at)}_{talk.id}"


def _newest(rows: Sequence[Item], most: int) -> list[Entry]:
    """As many of the newest as have room in one answer, and one in any case; texts of the others are not fetched."""
    entries: list[Entry] = []
    for row in reversed(rows):
        if entries and text_bytes(row) > most:
            break
        entry = read_entry(row)
        most -= _weigh(entry)
        if entries and most < 0:
            break
        entries.append(entry)
    return entries[::-1]


def _weigh(entry: Entry) -> int:
    return weigh(entry.text) + FACTS_BYTES


def _merged(stored: list[Entry], waiting: list[Entry]) -> tuple[Entry, ...]:
    """In order of the numbers; what is stored wins over the same message as it waited."""
    by_seq = {entry.seq: entry for entry in (*waiting, *stored)}
    return tuple(by_seq[seq] for seq in sorted(by_seq))


def _newborn(message: Message) -> Conversation:
    return Conversation(message.conversation_id, title_of(entry_of(message)), message.seq, message.accepted_at)


def _changes(body: Mapping[str, Any]) -> dict[str, Any]:
    changes = {key: body[key] for key in ("pinned", "archived", "deleted") if key in body}
    if wrong := [key for key, value in changes.items() if not isinstance(value, bool)]:
        raise InvalidMessage(f"{wrong[0]} is {changes[wrong[0]]!r}, wanted true or false")
    if "title" in body:
        changes["title"] = _title(body["title"])
    if not changes:
        raise InvalidMessage("nothing to change; possible: title, pinned, archived, deleted")
    return changes


def _title(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > TITLE_LENGTH:
        raise InvalidMessage(f"title is {value!r}, wanted 1 to {TITLE_LENGTH} characters")
    return value.strip()
