"""The inbox: rows of PendingMessages from acceptance to commit. `delivery.md`'s rules are the conditions here.

One query from `in#` on finds all that a bridge must look at: `in#` messages, `out#` deliveries, `question#` approvals
that were asked for, `resume#` catch-ups;
`id#` rows, which only make a repeated message the same message, sort before them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.agent import State
from chalicelib.domain.gathering import closes_at
from chalicelib.domain.inbox import Accepted, Catchup, Draft, Message
from chalicelib.domain.limits import RateLimit, refusal_for
from chalicelib.domain.signals import Event
from chalicelib.domain.times import from_text, to_seconds, to_text
from chalicelib.errors import AgentUnavailable, ConditionFailed
from chalicelib.logs import log_event
from chalicelib.store import Below, Delete, Equals, Exists, Item, Missing, Put, Store, Table, Update
from chalicelib.tables.agents import ACTIVE, Agents, agent_key, change
from chalicelib.tables.approvals import PREFIX, AskedApproval, read_asked
from chalicelib.tables.files import file_facts, read_files
from chalicelib.tables.gathering import as_gathered, find_place, gathering_facts, growth, read_gathering

REMEMBER = timedelta(days=8)  # how long a message that comes again is known to be the same
STEP = 2  # a message's number and, right behind it, its answer's
ATTEMPTS = 20  # of acceptance, against others that take the same number


def message_key(user_id: str, seq: int) -> dict[str, str]:
    return {"userId": user_id, "sk": f"in#{seq:012d}"}


@dataclass(frozen=True)
class Work:
    """What waits for a bridge."""

    messages: tuple[Message, ...]
    deliveries: tuple[Item, ...]
    asked: tuple[AskedApproval, ...]
    catchups: tuple[Catchup, ...]


@dataclass(frozen=True)
class Inbox:
    store: Store
    sleep: Callable[[float], None]

    def accept(self, draft: Draft, message_id: str, now: datetime, turns: RateLimit | None = None) -> Accepted:
        """One transaction: dedupe row, message with the user's next number, `pending` + 1. Then it is durable.

        A message that was accepted before gives its earlier receipt. Others may take the number first: try again.
        What they have taken it for may be a message that this one belongs to. Raises RateLimited where as many wait
        as `turns` lets.
        """
        for attempt in range(ATTEMPTS):
            agent = Agents(self.store).get(draft.user_id)
            try:
                if agent.pending and (joined := self.join(draft, now)):
                    return replace(joined, seen=agent)
                if turns and agent.pending >= turns.most:
                    return replace(self._receipt_or_refusal(draft, turns), seen=agent)
                accepted = _message(agent.next_seq, draft, message_id, now)
                self.store.write(*_acceptance(draft, accepted))
                log_event(Event.MESSAGE_ACCEPTED, draft.user_id, message=message_id, result=draft.channel)
                return Accepted(message_id, draft.conversation_id, accepted.seq, accepted, seen=agent)
            except ConditionFailed:
                if known := self._receipt(draft):
                    log_event(Event.MESSAGE_REPEATED, draft.user_id, message=known.id, result=draft.channel)
                    return known
                self.sleep(0.005 * attempt)
        raise AgentUnavailable("too many messages arrive at once; send it again")

    def join(self, draft: Draft, now: datetime) -> Accepted | None:
        """As a part of a message that waits; None when there is none, or it is known already.

        Raises ConditionFailed when that message has changed meanwhile.
        """
        grown = find_place(self.pending(draft.user_id), draft, now)
        if grown is None or self._receipt(draft):
            return None
        key = message_key(grown.user_id, grown.seq)
        self.store.write(_dedupe(draft, grown, now), growth(grown, key))
        log_event(Event.MESSAGE_JOINED, draft.user_id, message=grown.id, result=draft.channel)
        return Accepted(grown.id, grown.conversation_id, grown.seq, grown, joined=True)

    def knows(self, user_id: str, key: str) -> bool:
        """Did it come before?"""
        return self.store.get(Table.PENDING_MESSAGES, _dedupe_key(user_id, key)) is not None

    def admit(self, user_id: str, key: str, now: datetime) -> bool:
        """An order that is carried out at once, not a message: False when it came before."""
        row = {**_dedupe_key(user_id, key), "expiresAt": to_seconds(now + REMEMBER)}
        try:
            self.store.write(Put(Table.PENDING_MESSAGES, row, (Missing("userId"),)))
        except ConditionFailed:
            return False
        return True

    def look(self, user_id: str) -> Work:
        items = self.store.query(Table.PENDING_MESSAGES, user_id, start="in#")
        kinds: dict[str, list[Item]] = {"in": [], "out": [], PREFIX: [], "resume": []}
        for item in items:
            kinds.setdefault(item["sk"].split("#", 1)[0], []).append(item)  # a later version may know more
        return Work(
            messages=tuple(map(read_message, kinds["in"])),
            deliveries=tuple(kinds["out"]),
            asked=tuple(map(read_asked, kinds[PREFIX])),
            catchups=tuple(map(_catchup, kinds["resume"])),
        )

    def pending(self, user_id: str) -> tuple[Message, ...]:
        items = self.store.query(Table.PENDING_MESSAGES, user_id, start="in#", end="in#~")
        return tuple(map(read_message, items))

    def claim(self, message: Message, epoch: int, now: datetime) -> Message | None:
        """This epoch works on the message. None when it was claimed, answered, has grown, or the epoch is over."""
        row = Update(
            Table.PENDING_MESSAGES,
            message_key(message.user_id, message.seq),
            set={"claimEpoch": epoch, "tried": True},
            add={"claims": 1},
            when=(Below("claimEpoch", epoch), *as_gathered(message)),
        )
        running = (Equals("status", State.RUNNING.value),)
        busy = change(message.user_id, epoch, running, set={"lastActivityAt": to_text(now)}, add={"inflight": 1})
        try:
            self.store.write(row, busy)
        except ConditionFailed:
            return None
        return replace(message, claim_epoch=epoch, claims=message.claims + 1)

    def release(self, message: Message, epoch: int, now: datetime) -> bool:
        """Gives a claimed message back unanswered; an orderly stop is not a death, so the claim does not count."""
        row = Update(
            Table.PENDING_MESSAGES,
            message_key(message.user_id, message.seq),
            set={"claimEpoch": 0},
            add={"claims": -1},
            when=(Equals("claimEpoch", epoch),),
        )
        done = change(message.user_id, epoch, set={"lastActivityAt": to_text(now)}, add={"inflight": -1})
        try:
            self.store.write(row, done)
        except ConditionFailed:
            return False
        return True

    def cancel(self, user_id: str, message_id: str) -> bool:
        """Marks a waiting or running message; the bridge ends its turn. False when it is answered already."""
        known = self.store.get(Table.PENDING_MESSAGES, _dedupe_key(user_id, message_id))
        if known is None or "seq" not in known:
            return False
        key = message_key(user_id, known["seq"])
        try:
            self.store.write(Update(Table.PENDING_MESSAGES, key, set={"cancelled": True}, when=(Exists("userId"),)))
        except ConditionFailed:
            return False
        return True

    def ask(self, catchup: Catchup, now: datetime) -> None:
        """A connection wants what it missed of the running answer."""
        facts = {"conversationId": catchup.conversation_id, "expiresAt": to_seconds(now) + 300}
        self.store.write(Put(Table.PENDING_MESSAGES, {**_catchup_key(catchup), **facts}))

    def asked(self, catchup: Catchup) -> None:
        self.store.write(Delete(Table.PENDING_MESSAGES, _catchup_key(catchup)))

    def _receipt_or_refusal(self, draft: Draft, turns: RateLimit) -> Accepted:
        if known := self._receipt(draft):
            return known
        raise refusal_for(turns, round(turns.period.total_seconds()))

    def _receipt(self, draft: Draft) -> Accepted | None:
        known = self.store.get(Table.PENDING_MESSAGES, _dedupe_key(draft.user_id, draft.key))
        return Accepted(known["messageId"], known["conversationId"], known["seq"]) if known else None


def _message(seq: int, draft: Draft, message_id: str, now: datetime) -> Message:
    return Message(
        user_id=draft.user_id,
        id=message_id,
        conversation_id=draft.conversation_id,
        seq=seq,
        text=draft.text,
        channel=draft.channel,
        accepted_at=now,
        runtime=draft.runtime,
        reply_to=draft.reply_to,
        replaces=draft.replaces,
        files=draft.files,
        parts=(draft.part,) if draft.part else (),
        closes_at=closes_at([draft.part], now) if draft.part else None,
    )


def _acceptance(draft: Draft, message: Message) -> tuple[Put, Put, Update]:
    seq, now = message.seq, message.accepted_at
    counter = Update(
        Table.TASK_STATE,
        agent_key(draft.user_id),
        set={"nextSeq": seq + STEP, "lastActivityAt": to_text(now), ACTIVE: "yes"},
        default={"status": State.IDLE.value, "undelivered": 0},
        add={"pending": 1},
        when=(Equals("nextSeq", seq) if seq > 1 else Missing("nextSeq"),),
    )
    new = (Missing("userId"),)
    return _dedupe(draft, message, now), Put(Table.PENDING_MESSAGES, _message_item(message), new), counter


def _dedupe(draft: Draft, message: Message, now: datetime) -> Put:
    """Whatever comes again under this key is that message."""
    facts = {"messageId": message.id, "conversationId": message.conversation_id, "seq": message.seq}
    row = {**_dedupe_key(draft.user_id, draft.key), **facts, "expiresAt": to_seconds(now + REMEMBER)}
    return Put(Table.PENDING_MESSAGES, row, (Missing("userId"),))


def _message_item(message: Message) -> Item:
    return {
        **message_key(message.user_id, message.seq),
        "messageId": message.id,
        "conversationId": message.conversation_id,
        "text": message.text,
        "channel": message.channel,
        "runtime": message.runtime,
        "replyTo": message.reply_to,
        "replaces": message.replaces,
        "files": file_facts(message.files),
        **gathering_facts(message),
        "acceptedAt": to_text(message.accepted_at),
        "claimEpoch": 0,
        "claims": 0,
    }


def _dedupe_key(user_id: str, key: str) -> dict[str, str]:
    return {"userId": user_id, "sk": f"id#{key}"}


def _catchup_key(catchup: Catchup) -> dict[str, str]:
    return {"userId": catchup.user_id, "sk": f"resume#{catchup.connection_id}#{catchup.conversation_id}"}


def _catchup(item: Item) -> Catchup:
    return Catchup(item["userId"], item["sk"].split("#")[1], item["conversationId"])


def read_message(item: Item) -> Message:
    return Message(
        user_id=item["userId"],
        id=item["messageId"],
        conversation_id=item["conversationId"],
        seq=int(item["sk"].split("#", 1)[1]),
        text=item["text"],
        channel=item["channel"],
        accepted_at=from_text(item["acceptedAt"]),
        runtime=item.get("runtime", "auto"),
        reply_to=item.get("replyTo"),
        replaces=item.get("replaces"),
        claim_epoch=item.get("claimEpoch", 0),
        claims=item.get("claims", 0),
        tried=item.get("tried", False),
        cancelled=item.get("cancelled", False),
        files=read_files(item),
        **read_gathering(item),
    )
