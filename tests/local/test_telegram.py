from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chalicelib.adapters.telegram import BotApi
from local.telegram import QUICK, Poller, PollerConfig, post
from tests.fakes.http import http_server
from tests.fakes.telegram_server import TOKEN, Fault, TelegramServer, telegram_server


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with telegram_server() as server:
        yield server


class Hook:
    """The app's webhook: takes what it is given, or nothing."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.open = True

    def __call__(self, update: Mapping[str, Any]) -> bool:
        if self.open:
            self.taken.append(update["update_id"])
        return self.open


def poller(server: TelegramServer, hook: Hook, token: str = TOKEN) -> Poller:
    return Poller(BotApi(lambda: token, server.url, timeout=5), hook, wait=lambda seconds: None)


def test_each_update_is_handed_over_once(server: TelegramServer) -> None:
    hook = Hook()
    numbers = [server.put(1, text=text) for text in ("one", "two")]
    polling = poller(server, hook)
    assert polling.round() == QUICK
    numbers.append(server.put(1, text="three"))
    polling.round()

    assert hook.taken == numbers


def test_an_update_that_was_not_taken_comes_again_and_nothing_overtakes_it(server: TelegramServer) -> None:
    hook = Hook()
    numbers = [server.put(1, text=text) for text in ("one", "two")]
    polling = poller(server, hook)
    hook.open = False
    assert [polling.round(), polling.round()] == [1.0, 2.0]
    assert hook.taken == []
    hook.open = True
    polling.round()

    assert hook.taken == numbers


def test_a_telegram_that_is_away_is_asked_less_and_less_often(server: TelegramServer) -> None:
    server.faults["getUpdates"] = [Fault(502, "Bad SocketGateway")] * 20
    polling = poller(server, Hook())

    assert [polling.round() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_it_tells_which_bot_listens_and_puts_the_commands_into_its_menu(server: TelegramServer) -> None:
    assert poller(server, Hook()).describe().startswith("Telegram: https://t.me/our_test_bot")
    assert set(server.chats.menus) == {"", "ko"}


def test_a_webhook_is_left_alone_and_said(server: TelegramServer) -> None:
    server.chats.webhook = True
    server.put(1, text="one")  # so that the server answers at once
    hook = Hook()
    polling = poller(server, hook)

    assert "a webhook is set for this bot" in polling.describe()
    assert polling.round() == 1.0
    assert hook.taken == []
    assert {method for method, _ in server.calls} == {"getUpdates"}


def test_a_wrong_token_and_a_silent_telegram_are_said(server: TelegramServer) -> None:
    assert "copy it again from @BotFather" in poller(server, Hook(), token="4711:wrong").describe()
    server.faults["getUpdates"] = [Fault(silent=True), Fault(400, "Bad Request: something new")]
    assert "it is tried again and again" in poller(server, Hook()).describe()
    assert poller(server, Hook()).describe() == "Telegram: getUpdates: Bad Request: something new"


def test_it_polls_until_it_is_told_to_stop(server: TelegramServer) -> None:
    hook = Hook()
    number = server.put(1, text="one")
    polling = poller(server, hook)
    polling.over = lambda: bool(hook.taken)
    polling.run()

    assert hook.taken == [number]


class Odd(BotApi):
    """Telegram, which once gives an update without a number."""

    asked = 0

    def call(self, method: str, **fields: Any) -> Any:
        Odd.asked += 1
        return [{}] if Odd.asked == 1 else super().call(method, **fields)


def test_what_nobody_expected_does_not_end_it(server: TelegramServer) -> None:
    hook = Hook()
    number = server.put(1, text="one")
    polling = poller(server, hook)
    polling.bot = Odd(lambda: TOKEN, server.url, timeout=5)
    polling.over = lambda: bool(hook.taken)
    polling.run()

    assert hook.taken == [number]


def test_the_app_is_asked_as_telegram_asks_it() -> None:
    with http_server(200, 500) as app:
        config = PollerConfig.from_env(
            {
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "TELEGRAM_WEBHOOK_SECRET": "s3cret",
                "TELEGRAM_API_URL": "http://127.0.0.1:9",
                "TELEGRAM_TARGET": f"{app.url}/api/telegram",
            }
        )
        assert post(config, {"update_id": 1})
        assert not post(config, {"update_id": 1})

    assert app.asked[0] == ("POST", "/api/telegram", b'{"update_id": 1}')
