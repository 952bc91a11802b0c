"""Telegram as a channel of the bridge: the face that turns see; the courier behind it does the talking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.domain.agent import Agent, Stage, State
from chalicelib.domain.attachment import File
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery, Message
from chalicelib.domain.telegram_words import say
from chalicelib.domain.turn import Attachment, Failed
from chalicelib.errors import ChatBusy, ChatUnavailable, ServiceError
from chalicelib.ports import Bot, Sleep
from container.bridge.ports import FilesMissing
from container.bridge.telegram_courier import Courier
from container.bridge.telegram_post import Final, Post

log = logging.getLogger(__name__)
PAUSES = (1.0, 3.0)  # seconds between tries for a file


@dataclass
class TelegramChannel:
    courier: Courier
    bot: Bot
    sleep: Sleep

    def begin(self, message: Message) -> None:
        if message.reply_to is None:
            return
        post = self.courier.find(message.id) or Post(int(message.reply_to), message.id, message.seq)
        post.stage, post.working = Stage.READY, True
        self.courier.put(post)

    def show(self, message: Message, text: str) -> None:
        if post := self.courier.find(message.id):
            post.text = text
            self.courier.ring()

    def drop(self, message: Message) -> None:
        self.courier.drop(message.id)

    def deliver(self, delivery: Delivery, answer: Entry, done: Callable[[], object]) -> None:
        if delivery.reply_to is None or answer.turn is None:
            done()
            return
        post = self.courier.find(answer.turn) or Post(int(delivery.reply_to), answer.turn, answer.seq)
        post.final = Final(answer, done)
        self.courier.put(post)

    def status(self, agent: Agent) -> None:
        if agent.state is State.STARTING and agent.stage:
            self.courier.tell(agent.stage)

    def attachments(self, message: Message) -> Sequence[Attachment]:
        return [Attachment(file.mime_type, file.name, self._fetch(file)) for file in message.files]

    def close(self, patience: float) -> None:
        self.courier.close(patience)

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
                break
        raise FilesMissing(Failed("interrupted", say("en", "no_file"), retryable=True))
