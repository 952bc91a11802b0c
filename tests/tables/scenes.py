"""Steps that many state tests begin with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Entry, answer
from chalicelib.domain.inbox import Accepted, Draft, Message, entry_of
from chalicelib.domain.turn import Failed, Finished
from chalicelib.store import Store
from chalicelib.tables.agents import Agents
from chalicelib.tables.inbox import Inbox
from tests.fakes.clock import NOON
from tests.fakes.values import FINISHED, KEY, TALK

USER = "ada"


def draft(key: str, text: str = "Hello", talk: str = TALK) -> Draft:
    return Draft(USER, key, talk, text)


def inbox(store: Store) -> Inbox:
    return Inbox(store, sleep=lambda seconds: None)


def accept(store: Store, key: str = "m1", text: str = "Hello", talk: str = TALK, now: datetime = NOON) -> Accepted:
    return inbox(store).accept(draft(key, text, talk), key, now)


def starting(store: Store, now: datetime = NOON) -> Agent:
    begun = Agents(store).begin(Agents(store).get(USER), KEY, now)
    assert begun
    return begun


def running(store: Store, now: datetime = NOON) -> Agent:
    ready = Agents(store).ready(USER, starting(store, now).epoch, now)
    assert ready
    return ready


def restarted(store: Store) -> Agent:
    """The present epoch ends, and the next one runs."""
    assert Agents(store).stopped(Agents(store).get(USER), NOON)
    return running(store)


def claimed(store: Store, epoch: int, now: datetime = NOON) -> Message:
    (message,) = inbox(store).pending(USER)
    mine = inbox(store).claim(message, epoch, now)
    assert mine
    return mine


def ended(message: Message, outcome: Finished | Failed = FINISHED, now: datetime = NOON) -> Entry:
    return answer(replace(entry_of(message), status="committed"), outcome, now, 2000)


def counters(store: Store) -> tuple[int, int, int]:
    agent = Agents(store).get(USER)
    return agent.pending, agent.inflight, agent.undelivered
