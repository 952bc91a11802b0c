"""`python -m local.telegram`: Telegram without a public address. Asks for updates and hands them to the app's webhook.

The app cannot tell the difference: an update is its own until the app has said 2xx, and until then it comes again.
Telegram gives updates to one who asks only while no webhook is set; a webhook that is set is somebody's, and stays.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.telegram import BotApi
from chalicelib.domain.telegram_words import COMMANDS
from chalicelib.errors import ChatGone, ChatRefused, ChatUnavailable
from local.programs.service import report_ready, set_up_logging, wait_for_end

log = logging.getLogger(__name__)
HOLD = 25  # seconds that Telegram holds a request while there is nothing
QUICK = 0.3  # seconds between requests that were not held
LONGEST_PAUSE = 60.0
KINDS = ["message", "edited_message", "callback_query"]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class PollerConfig:
    token: str
    secret: str
    url: str
    target: str  # the app's webhook
    log_level: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> PollerConfig:
        return cls(
            token=environ["TELEGRAM_BOT_TOKEN"],
            secret=environ["TELEGRAM_WEBHOOK_SECRET"],
            url=environ["TELEGRAM_API_URL"],
            target=environ["TELEGRAM_TARGET"],
            log_level=environ.get("LOG_LEVEL", "INFO"),
        )


@dataclass
class Poller:
    bot: BotApi
    hand_over: Callable[[Mapping[str, Any]], bool]  # one update; True when it was taken
    wait: Callable[[float], object]
    over: Callable[[], bool] = lambda: False
    offset: int = 0
    failures: int = 0

    def describe(self) -> str:
        """What a person should know of it, after a first try."""
        try:
            self.bot.call("getUpdates", timeout=0, limit=1)
            for language, code in (("en", None), ("ko", "ko")):
                self.bot.register(COMMANDS[language], code)
            return f"Telegram: https://t.me/{self.bot.name()}, link your chat in the page's settings."
        except ChatGone:
            return "Telegram refuses the token in TELEGRAM_BOT_TOKEN: copy it again from @BotFather."
        except ChatRefused as error:
            return _explain(error)
        except ChatUnavailable as error:
            return f"{error}; it is tried again and again."

    def run(self) -> None:
        while not self.over():
            try:
                pause = self.round()
            except Exception:
                log.exception("what Telegram gave could not be handed over")
                pause = self._pause()
            self.wait(pause)

    def round(self) -> float:
        """One request, and all it brought; seconds to wait before the next one."""
        try:
            updates = self.bot.call("getUpdates", timeout=HOLD, offset=self.offset, allowed_updates=KINDS)
        except (ChatRefused, ChatUnavailable) as error:
            log.warning("%s", _explain(error) if isinstance(error, ChatRefused) else error)
            return self._pause()
        for update in updates:
            if not self.hand_over(update):
                return self._pause()
            self.offset = int(update["update_id"]) + 1
        self.failures = 0
        return QUICK

    def _pause(self) -> float:
        self.failures += 1
        return float(min(LONGEST_PAUSE, 0.5 * 2**self.failures))


def _explain(error: ChatRefused) -> str:
    if "webhook" in str(error):
        return (
            "Telegram: a webhook is set for this bot, so its messages go there and not to this machine. "
            "Use another bot here, or remove that webhook yourself."
        )
    return f"Telegram: {error}"


def post(config: PollerConfig, update: Mapping[str, Any]) -> bool:
    headers = {"Content-Type": "application/json", SECRET_HEADER: config.secret}
    request = urllib.request.Request(config.target, json.dumps(update).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=35) as answer:
            answer.read()
            return True
    except OSError as error:
        log.warning("update %s was not taken: %s", update.get("update_id"), error)
        return False


def main(config: PollerConfig) -> None:
    ended = threading.Event()
    bot = BotApi(lambda: config.token, config.url, timeout=HOLD + 10.0)
    poller = Poller(bot, lambda update: post(config, update), ended.wait, ended.is_set)
    report_ready(message=poller.describe())
    threading.Thread(target=poller.run, name="poller", daemon=True).start()
    wait_for_end()
    ended.set()


if __name__ == "__main__":
    chosen = PollerConfig.from_env(os.environ)
    set_up_logging(chosen.log_level)
    main(chosen)
