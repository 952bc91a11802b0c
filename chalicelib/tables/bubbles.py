"""The messages in a chat that stand for one turn: rows `chat#<turn>` of PendingMessages, and `chat#<turn>#<chat>` in
the chats that only mirror it.

Calls to a chat's provider cannot be repeated safely, but edits can. So a message is first sent as a placeholder,
its number kept here, and everything else is an edit of it. Whoever keeps a number first wins; the other one's
message is taken back. The row outlives the answer for a day, so that a slow placeholder finds that it came too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.times import to_seconds
from chalicelib.errors import ConditionFailed
from chalicelib.store import AtMost, Equals, Missing, Put, Store, Table, Update

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Bubble:
    messages: tuple[int, ...]  # numbers in the chat, in order
    epoch: int  # of the newest container that writes to it


@dataclass(frozen=True)
class Bubbles:
    store: Store

    def get(self, user_id: str, place: str) -> Bubble:
        row = self.store.get(Table.PENDING_MESSAGES, _key(user_id, place)) or {}
        return Bubble(tuple(row.get("messages", ())), row.get("epoch", 0))

    def own(self, user_id: str, place: str, epoch: int) -> Bubble:
        """As `get`, and containers of older epochs find that they are not the newest any more."""
        mine = (AtMost("epoch", epoch),)
        self._try(Update(Table.PENDING_MESSAGES, _key(user_id, place), set={"epoch": epoch}, when=mine))
        return self.get(user_id, place)

    def begin(self, user_id: str, place: str, message: int, now: datetime) -> bool:
        """Keeps the first message of a turn; False when there is one already, or the answer is out."""
        facts = {"messages": [message], "epoch": 0, "expiresAt": to_seconds(now + KEPT)}
        write = Put(Table.PENDING_MESSAGES, {**_key(user_id, place), **facts}, when=(Missing("userId"),))
        return self._try(write) or self._holds(user_id, place, (message,))

    def keep(self, user_id: str, place: str, before: Bubble, now_is: Bubble, now: datetime) -> bool:
        """Exchanges the numbers; False when somebody else has done so meanwhile."""
        same = Equals("messages", list(before.messages)) if before.messages else Missing("messages")
        facts = {"messages": list(now_is.messages) or None, "epoch": now_is.epoch, "expiresAt": to_seconds(now + KEPT)}
        write = Update(Table.PENDING_MESSAGES, _key(user_id, place), set=facts, when=(same,))
        return self._try(write) or self._holds(user_id, place, now_is.messages)

    def _holds(self, user_id: str, place: str, messages: tuple[int, ...]) -> bool:
        """A write whose answer was lost, and which was repeated, meets itself."""
        return bool(messages) and self.get(user_id, place).messages == messages

    def _try(self, write: Put | Update) -> bool:
        try:
            self.store.write(write)
        except ConditionFailed:
            return False
        return True


def _key(user_id: str, place: str) -> dict[str, str]:
    return {"userId": user_id, "sk": f"chat#{place}"}
