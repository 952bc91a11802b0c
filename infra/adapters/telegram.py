"""Telegram: where it sends what people write to the bot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.adapters.telegram import BotApi
from chalicelib.config import TELEGRAM_URL
from chalicelib.errors import ServiceError
from infra.adapters.visitor import ApiRefused, Visitor
from infra.errors import CheckFailed, DriverError

UPDATES = ["message", "callback_query"]
HEADER = "X-Telegram-Bot-Api-Secret-Token"
NOTHING = b'{"update_id": 0}'  # of no kind that we know: nobody is answered
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

    def try_out(self, visitor: Visitor, secret: str) -> None:
        """An update that asks for nothing is taken with the secret, and refused without. Raises CheckFailed."""
        visitor.call("POST", "/telegram", NOTHING, {HEADER: secret})
        try:
            visitor.call("POST", "/telegram", NOTHING)
        except ApiRefused as error:
            if error.status == HTTPStatus.FORBIDDEN:
                return
            raise
        raise CheckFailed("The webhook takes what comes without Telegram's secret.")

    def _bot(self, token: str) -> BotApi:
        return BotApi(lambda: token, self.url)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        raise DriverError(f"Telegram, {doing}: {error}. Is the bot's token right?") from None
