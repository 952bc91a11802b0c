"""Telegram: where it sends what people write to the bot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.adapters.telegram import BotApi
from chalicelib.config import TELEGRAM_URL
from chalicelib.errors import ServiceError
from infra.errors import DriverError

UPDATES = ["message", "callback_query"]
AT_ONCE = 10  # requests of TelegramWebhook's


@dataclass(frozen=True)
class TelegramWebhook:
    url: str = TELEGRAM_URL

    def name(self, token: str) -> str:
        with _translated("asking for the bot's name"):
            return self._bot(token).name()

    def set(self, token: str, address: str, secret: str) -> None:
        with _translated("setting the webhook"):
            self._bot(token).call(
                "setWebhook", url=address, secret_token=secret, allowed_updates=UPDATES, max_connections=AT_ONCE
            )

    def delete(self, token: str) -> None:
        with _translated("taking the webhook away"):
            self._bot(token).call("deleteWebhook")

    def _bot(self, token: str) -> BotApi:
        return BotApi(lambda: token, self.url)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        raise DriverError(f"Telegram, {doing}: {error}. Is the bot's token right?") from None
