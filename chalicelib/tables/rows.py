"""All repositories over one store: what the functions and a bridge work with."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.ports import Sleep
from chalicelib.store import Store
from chalicelib.tables.agents import Agents
from chalicelib.tables.answers import Answers
from chalicelib.tables.approvals import Approvals
from chalicelib.tables.backup_requests import BackupRequests
from chalicelib.tables.bubbles import Bubbles
from chalicelib.tables.connections import Connections
from chalicelib.tables.conversations import Conversations
from chalicelib.tables.halts import Halts
from chalicelib.tables.inbox import Inbox
from chalicelib.tables.limits import LimitRows
from chalicelib.tables.links import Links
from chalicelib.tables.settings import SettingsRows
from chalicelib.tables.starts import Starts
from chalicelib.tables.usage import UsageRows


@dataclass(frozen=True)
class Rows:
    agents: Agents
    inbox: Inbox
    answers: Answers
    approvals: Approvals
    connections: Connections
    conversations: Conversations
    settings: SettingsRows
    starts: Starts
    usage: UsageRows
    limits: LimitRows
    halts: Halts
    links: Links
    bubbles: Bubbles
    backup_requests: BackupRequests

    @classmethod
    def over(cls, store: Store, sleep: Sleep) -> Rows:
        """`sleep` is between two tries of an acceptance that met another one."""
        return cls(
            agents=Agents(store),
            inbox=Inbox(store, sleep),
            answers=Answers(store),
            approvals=Approvals(store),
            connections=Connections(store),
            conversations=Conversations(store),
            settings=SettingsRows(store),
            starts=Starts(store),
            usage=UsageRows(store),
            limits=LimitRows(store),
            halts=Halts(store),
            links=Links(store),
            bubbles=Bubbles(store),
            backup_requests=BackupRequests(store),
        )
