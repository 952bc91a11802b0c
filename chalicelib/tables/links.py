"""Links between accounts and chats: rows of Settings.

`code#<channel>` of the owner names the one code that is good; `code#<fingerprint>` finds its owner. A link is two
rows: `link#<channel>#<id>` of the owner, and `external#<channel>#<id>` / `owner`, by which a chat finds its account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.linking import Link, LinkedChat, Pairing
from chalicelib.domain.times import from_text, to_seconds, to_text
from chalicelib.errors import ConditionFailed
from chalicelib.store import Delete, Equals, Item, Missing, Put, Store, Table, Update, Write

A_DAY = timedelta(days=2)  # rows that count within one day outlive it a little


@dataclass(frozen=True)
class Links:
    store: Store

    def offer(self, pairing: Pairing) -> None:
        """The only good code of this user and channel from now on."""
        expires = {"expiresAt": to_seconds(pairing.expires_at), "until": to_text(pairing.expires_at)}
        marks = list(pairing.fingerprints)
        owner = {"channel": pairing.channel, "owner": pairing.user_id}
        known = {**_offer_key(pairing.user_id, pairing.channel), "mark": marks[0], **expires}
        ways = (Put(Table.SETTINGS, {**_code_key(mark), **owner, "marks": marks, **expires}) for mark in marks)
        self.store.write(Put(Table.SETTINGS, known), *ways)

    def find_offer(self, mark: str) -> Pairing | None:
        """The code's pairing, if it is its owner's newest; its expiry is for the reader to check."""
        row = self.store.get(Table.SETTINGS, _code_key(mark))
        if row is None:
            return None
        newest = self.store.get(Table.SETTINGS, _offer_key(row["owner"], row["channel"]))
        if newest is None or newest["mark"] != row["marks"][0]:
            return None
        return Pairing(row["owner"], row["channel"], tuple(row["marks"]), from_text(row["until"]))

    def ask(self, pairing: Pairing, link: Link) -> bool:
        """Uses the code up: the chat asks its owner. False when somebody else has used it."""
        good = (Equals("mark", pairing.fingerprints[0]),)
        used = Delete(Table.SETTINGS, _offer_key(pairing.user_id, pairing.channel), when=good)
        return self._try(used, Put(Table.SETTINGS, {**_link_key(link), **_link_facts(link)}))

    def list(self, user_id: str) -> list[Link]:
        rows = self.store.query(Table.SETTINGS, user_id, start="link#", end="link#~")
        return [_read_link(row) for row in rows]

    def confirm(self, link: Link, conversation_id: str, now: datetime) -> bool:
        """The chat speaks for its owner from now on. False when it is linked elsewhere, or does not ask any more."""
        linked = replace(link, state="linked", since=now)
        chat = {"owner": link.user_id, "conversationId": conversation_id, "language": link.language}
        return self._try(
            Put(Table.SETTINGS, {**_link_key(link), **_link_facts(linked)}, when=(Equals("state", "asked"),)),
            Put(Table.SETTINGS, {**_chat_key(link.channel, link.external_id), **chat}, when=(Missing("userId"),)),
        )

    def remove(self, link: Link) -> None:
        self._try(Delete(Table.SETTINGS, _link_key(link)))
        mine = (Equals("owner", link.user_id),)
        self._try(Delete(Table.SETTINGS, _chat_key(link.channel, link.external_id), when=mine))

    def chat(self, channel: str, external_id: str) -> LinkedChat | None:
        """Whose chat it is; None for a stranger's."""
        row = self.store.get(Table.SETTINGS, _chat_key(channel, external_id))
        if row is None:
            return None
        return LinkedChat(channel, external_id, row["owner"], row["conversationId"], row.get("language", "en"))

    def turn_to(self, chat: LinkedChat, conversation_id: str) -> None:
        """What is said in the chat belongs to this conversation from now on."""
        facts = {"conversationId": conversation_id}
        key = _chat_key(chat.channel, chat.external_id)
        self._try(Update(Table.SETTINGS, key, set=facts, when=(Equals("owner", chat.user_id),)))

    def once(self, channel: str, external_id: str, what: str, now: datetime) -> bool:
        """Is this the first time today?"""
        key = _day_key(channel, external_id, what, now)
        first = (Missing("userId"),)
        return self._try(Put(Table.SETTINGS, {**key, "expiresAt": to_seconds(now + A_DAY)}, when=first))

    def count(self, channel: str, external_id: str, what: str, now: datetime) -> int:
        """How often today, this time included."""
        key = _day_key(channel, external_id, what, now)
        row = self.store.write(
            Update(Table.SETTINGS, key, set={"expiresAt": to_seconds(now + A_DAY)}, add={"times": 1})
        )
        return int(row["times"])

    def _try(self, *writes: Write) -> bool:
        try:
            self.store.write(*writes)
        except ConditionFailed:
            return False
        return True


def _offer_key(user_id: str, channel: str) -> dict[str, str]:
    return {"userId": user_id, "sk": f"code#{channel}"}


def _code_key(mark: str) -> dict[str, str]:
    return {"userId": f"code#{mark}", "sk": "code"}


def _link_key(link: Link) -> dict[str, str]:
    return {"userId": link.user_id, "sk": f"link#{link.channel}#{link.external_id}"}


def _chat_key(channel: str, external_id: str) -> dict[str, str]:
    return {"userId": f"external#{channel}#{external_id}", "sk": "owner"}


def _day_key(channel: str, external_id: str, what: str, now: datetime) -> dict[str, str]:
    return {"userId": f"external#{channel}#{external_id}", "sk": f"{what}#{to_text(now)[:10]}"}


def _link_facts(link: Link) -> dict[str, str | None]:
    return {
        "name": link.name,
        "username": link.username,
        "state": link.state,
        "since": to_text(link.since),
        "language": link.language,
    }


def _read_link(row: Item) -> Link:
    _, channel, external_id = row["sk"].split("#", 2)
    return Link(
        user_id=row["userId"],
        channel=channel,
        external_id=external_id,
        name=row["name"],
        username=row.get("username"),
        state=row["state"],
        since=from_text(row["since"]),
        language=row.get("language", "en"),
    )
