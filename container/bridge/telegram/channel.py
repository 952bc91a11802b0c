"""Telegram as a channel of the bridge: what turns see of it; the courier behind it does the talking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.domain.agent import Agent, State, Step
from chalicelib.domain.attachment import MEGABYTE, File
from chalicelib.domain.conversation import Entry
from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.inbox import Delivery, Message
from chalicelib.domain.turn import Approval, Attachment, Failed
from chalicelib.errors import ChatBusy, ChatUnavailable, MessageTooLarge, ServiceError
from chalicelib.ports import Bot, Sleep
from container.bridge.ports import FilesMissing
from container.bridge.telegram.courier import Courier
from container.bridge.telegram.post import ChatTurn, Final

log = logging.getLogger(__name__)
PAUSES = (1.0, 3.0)  # seconds between tries for a file
MISSING = b"This file could not be fetched from Telegram.\n"  # what the agent reads instead


class FileRefused(Exception):
    def __init__(self, file: File, large: bool) -> None:
        super().__init__(file.name)
        self.file, self.large = file, large


@dataclass
class TelegramChannel:
    courier: Courier
    bot: Bot
    sleep: Sleep

    def begin(self, message: Message) -> None:
        if message.reply_to is None:
            return
        post = self.courier.posts.need(ChatTurn(int(message.reply_to), message.id, message.seq))
        post.step, post.working = Step.READY, True
        self.courier.ring()

    def show(self, message: Message, text: str) -> None:
        if post := self.courier.posts.find(message.id):
            post.text = text
            self.courier.ring()

    def ask(self, message: Message, approval: Approval) -> None:
        if post := self.courier.posts.find(message.id):
            post.asks.append(approval)
            self.courier.ring()

    def drop(self, message: Message) -> None:
        """The turn goes on elsewhere; what stands in the chat stays."""
        self.courier.posts.remove(message.id)

    def deliver(self, delivery: Delivery, answer: Entry, done: Callable[[], object]) -> None:
        if delivery.reply_to is None or answer.turn is None:
            done()
            return
        of = ChatTurn(int(delivery.reply_to), answer.turn, answer.seq, delivery.mirror)
        self.courier.posts.finish(of, Final(answer, done))
        self.courier.ring()

    def status(self, agent: Agent) -> None:
        if agent.state is State.STARTING and agent.step:
            self.courier.reached(agent.step)

    def attachments(self, message: Message) -> Sequence[Attachment]:
        """Raises FilesMissing, except for files that a message is good without: these are told of in words."""
        try:
            return [self._attach(file) for file in message.files]
        except FileRefused as refused:
            raise FilesMissing(_explain(refused.file, refused.large)) from None

    def close(self, timeout: float) -> None:
        self.courier.close(timeout)

    def _attach(self, file: File) -> Attachment:
        try:
            return Attachment(file.mime_type, file.name, self._fetch(file))
        except FileRefused:
            if not file.optional:
                raise
            return Attachment("text/plain", f"{file.name}.txt", MISSING)

    def _fetch(self, file: File) -> bytes:
        for pause in (*PAUSES, None):
            try:
                return self.bot.fetch(file.id, file.limit)
            except ChatUnavailable as error:
                log.warning("file: %s", error)
                if pause is not None:
                    self.sleep(max(pause, error.seconds if isinstance(error, ChatBusy) else 0))
            except ServiceError as error:
                log.warning("file: %s", error)
                raise FileRefused(file, large=isinstance(error, MessageTooLarge)) from None
        raise FileRefused(file, large=False)


def _explain(file: File, large: bool) -> Failed:
    if large:
        return failed("too_large.file", name=file.name, limit=str(file.limit // MEGABYTE))
    return failed("interrupted.file_not_sent")
