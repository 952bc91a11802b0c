"""Bringing frames to the user's open pages, and committed answers off the outbox.

A page that is gone is not a delivered answer, and needs none: it gets the answer from history when it comes back.
Every thread may call this: what changes is in the listing and in the channels, each behind a lock of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain import protocol, stream
from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery
from chalicelib.domain.protocol import Frame
from chalicelib.domain.signals import Event
from chalicelib.logs import log_event
from chalicelib.pages import Pages
from chalicelib.tables.connections import Connection
from chalicelib.tables.inbox import STEP
from chalicelib.tables.rows import Rows
from container.bridge.turns.channels import Channels
from container.bridge.turns.listing import PageListing

log = logging.getLogger(__name__)


@dataclass
class Deliveries:
    user_id: str
    rows: Rows
    pages: Pages
    channels: Channels
    listing: PageListing

    @classmethod
    def of(cls, user_id: str, rows: Rows, pages: Pages, channels: Channels) -> Deliveries:
        return cls(user_id, rows, pages, channels, PageListing(pages.connections, user_id, pages.clock))

    def send(self, frame: Frame) -> None:
        """One frame to every open page."""
        self._spread(self.listing.get(), frame)

    def reply(self, connection_id: str, frame: Frame) -> None:
        """One frame to one page, as long as the identity lasts that it was opened with."""
        if not self.listing.has_ended(connection_id) and not self.pages.reply(
            Connection(connection_id, self.user_id), frame
        ):
            self.listing.drop(connection_id)

    def look_again(self) -> None:
        self.listing.expire()

    def status(self, agent: Agent) -> None:
        """Who cannot be told now sees it later; nothing else depends on it.

        To pages that are listed anew: so a turn that begins while the table is away knows who was there.
        """
        try:
            frame = protocol.status(agent, self.rows.starts.estimate(self.user_id))
            self._spread(self.listing.read(), frame)
        except Exception:
            log.exception("nobody was told that the agent is %s", agent.state.value)
        self.channels.status(agent)

    def deliver(self, delivery: Delivery, answer: Entry) -> None:
        """A committed answer to its channel, then off the outbox. It stays there when an error is raised."""
        self._spread(self.listing.read(), protocol.message(answer) if answer.role == "notice" else stream.end(answer))
        self.channels.carry(delivery, answer, self._delivered)

    def redeliver(self, delivery: Delivery) -> None:
        """An answer that was committed and not delivered: whole and with its question, as nobody may have seen it."""
        found = self.rows.conversations.entries(
            self.user_id, delivery.conversation_id, after=delivery.seq - STEP, before=delivery.seq + 1
        )
        if not delivery.mirror:  # the pages are told with the row of the channel in which it was asked
            listed = self.listing.read()
            for piece in (piece for entry in found for piece in stream.replay(entry)):
                self._spread(listed, piece)
        if found:
            self.channels.carry(delivery, found[-1], self._delivered)
        else:
            self._delivered(delivery)

    def _spread(self, connection_ids: Iterable[str], frame: Frame) -> None:
        for connection_id in sorted(connection_ids):
            self.reply(connection_id, frame)

    def _delivered(self, delivery: Delivery) -> None:
        if self.rows.answers.delivered(delivery):
            log_event(Event.ANSWER_DELIVERED, self.user_id, result=delivery.channel)
