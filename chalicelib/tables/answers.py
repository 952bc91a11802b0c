"""Committing an answer and delivering it: the end of a message's life.

The commit is one transaction, conditional on the claim and on the epoch: answer in, message out, counters down,
one outbox row. So an answer is committed at most once, and what is committed is delivered at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery, Message, entry_of
from chalicelib.domain.times import to_text
from chalicelib.errors import ConditionFailed
from chalicelib.store import AtMost, Condition, Delete, Equals, Exists, Item, Put, Store, Table, Update, Write
from chalicelib.tables.agents import change
from chalicelib.tables.conversations import entry_key, grow, put_entry
from chalicelib.tables.gathering import as_gathered
from chalicelib.tables.inbox import message_key


@dataclass(frozen=True)
class Answers:
    store: Store

    def commit(
        self, message: Message, epoch: int, answer: Entry, now: datetime, mirrors: Sequence[Delivery] = ()
    ) -> Delivery | None:
        """The answer of a turn this epoch has claimed. None when the claim is not ours any more: nothing is written.

        `mirrors` go to the outbox too. Safe to repeat after a lost response: the same answer, committed already, is as
        good as committed now.
        """
        claimed = (Equals("claimEpoch", epoch),)
        agent = change(
            message.user_id,
            epoch,
            set={"lastActivityAt": to_text(now)},
            add={"pending": -1, "inflight": -1, "undelivered": 1 + len(mirrors)},
        )
        copies = [Put(Table.PENDING_MESSAGES, {**delivery_key(each), **_delivery_facts(each)}) for each in mirrors]
        return self._close(message, claimed, agent, answer, now, copies) or self._committed(message, answer)

    def refuse(self, message: Message, epoch: int, notice: Entry, now: datetime) -> Delivery | None:
        """A notice instead of an answer for a message nobody works on. None when somebody does, or it is answered."""
        unclaimed = (Exists("userId"), AtMost("claimEpoch", message.claim_epoch), *as_gathered(message))
        agent = change(message.user_id, epoch, add={"pending": -1, "undelivered": 1})
        return self._close(message, unclaimed, agent, notice, now)

    def delivered(self, delivery: Delivery) -> bool:
        """Off the outbox; False when it was already."""
        row = Delete(Table.PENDING_MESSAGES, delivery_key(delivery), when=(Exists("userId"),))
        counter = Update(Table.TASK_STATE, {"userId": delivery.user_id}, add={"undelivered": -1})
        return self._try(row, counter)

    def _close(
        self,
        message: Message,
        when: tuple[Condition, ...],
        agent: Update,
        answer: Entry,
        now: datetime,
        copies: Sequence[Put] = (),
    ) -> Delivery | None:
        question = entry_of(message, pending=False)
        delivery = delivery_of(message, answer)
        done = self._try(
            Delete(Table.PENDING_MESSAGES, message_key(message.user_id, message.seq), when=when),
            agent,
            put_entry(message.user_id, question),
            put_entry(message.user_id, answer),
            grow(message.user_id, question, answer, now),
            count(message.user_id, answer, now),
            Put(Table.PENDING_MESSAGES, {**delivery_key(delivery), **_delivery_facts(delivery)}),
            *copies,
        )
        return delivery if done else None

    def _committed(self, message: Message, answer: Entry) -> Delivery | None:
        key = entry_key(message.user_id, answer.conversation_id, answer.seq)
        row = self.store.get(Table.CONVERSATIONS, key)
        same = row is not None and (row["messageId"], row["text"]) == (answer.id, answer.text)
        return delivery_of(message, answer) if same else None

    def _try(self, *writes: Write) -> bool:
        try:
            self.store.write(*writes)
        except ConditionFailed:
            return False
        return True


def delivery_of(message: Message, answer: Entry) -> Delivery:
    return Delivery(message.user_id, answer.seq, message.channel, message.conversation_id, message.reply_to)


def count(user_id: str, answer: Entry, now: datetime) -> Update:
    """The day's counters; money in millionths of a dollar, so that sums stay exact."""
    usage = answer.usage
    moment = to_text(now)
    added = {"messages": 1, "failures": int(answer.role == "notice"), f"hour{moment[11:13]}": 1}
    if usage:
        added |= {"inputTokens": usage.input_tokens, "outputTokens": usage.output_tokens}
        added["microUsd"] = round(usage.cost_usd * 1_000_000)
    return Update(Table.USAGE, {"userId": user_id, "sk": f"day#{moment[:10]}"}, add=added)


def delivery_key(delivery: Delivery) -> dict[str, str]:
    """A channel may have many chats that mirror; each of them has a row of its own.

    To a bridge of an older version, after a rollback, such a row is of a channel it has not, and nothing to choke on.
    """
    place = f":{delivery.reply_to}" if delivery.mirror else ""
    return {"userId": delivery.user_id, "sk": f"out#{delivery.seq:012d}#{delivery.channel}{place}"}


def _delivery_facts(delivery: Delivery) -> dict[str, str | None]:
    return {"conversationId": delivery.conversation_id, "replyTo": delivery.reply_to}


def read_delivery(item: Item) -> Delivery:
    _, seq, place = item["sk"].split("#")
    channel, mirror, _ = place.partition(":")
    return Delivery(item["userId"], int(seq), channel, item["conversationId"], item.get("replyTo"), bool(mirror))
