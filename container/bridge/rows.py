"""The repositories that a bridge works with, over one store."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.ports import Sleep, Store
from chalicelib.state.agents import Agents
from chalicelib.state.answers import Answers
from chalicelib.state.bubbles import Bubbles
from chalicelib.state.connections import Connections
from chalicelib.state.conversations import Conversations
from chalicelib.state.inbox import Inbox
from chalicelib.state.links import Links
from chalicelib.state.preferences import PreferenceRows
from chalicelib.state.starts import Starts
from chalicelib.state.usage import Usage


@dataclass(frozen=True)
class Rows:
    agents: Agents
    inbox: Inbox
    answers: Answers
    connections: Connections
    conversations: Conversations
    preferences: PreferenceRows
    starts: Starts
    usage: Usage
    links: Links
    bubbles: Bubbles

    @classmethod
    def over(cls, store: Store, sleep: Sleep) -> Rows:
        return cls(
            Agents(store),
            Inbox(store, sleep),
            Answers(store),
            Connections(store),
            Conversations(store),
            PreferenceRows(store),
            Starts(store),
            Usage(store),
            Links(store),
            Bubbles(store),
        )
