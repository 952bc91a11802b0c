"""The running products, each for all files that can share it: `tests/times.py` lets those run one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as BrowserTab

from tests.e2e.browser import DESKTOP, WARM, chromium, composer
from tests.e2e.page import Page
from tests.e2e.phone import Phone
from tests.e2e.product import Product
from tests.e2e.scene import Scene
from tests.e2e.shared import Shared, running
from tests.fakes.telegram_server import TOKEN, TelegramServer, telegram_server

_chats = count(7001)
LAST = 4000  # characters of a log


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails where nobody can look says what the product's programs said."""
    report = yield
    found = [each for each in getattr(item, "funcargs", {}).values() if isinstance(each, Product)]
    if report.failed:
        report.sections += [section for product in found for section in last_words(product)]
    return report


def last_words(product: Product) -> Iterator[tuple[str, str]]:
    with suppress(OSError):  # a test may have removed them; an error here would end the whole run
        newest = sorted(product.state.glob("logs/**/*.log"), key=lambda path: path.stat().st_mtime)[-4:]
        yield from ((f"end of {path.name}", path.read_text(errors="replace")[-LAST:]) for path in newest)


@pytest.fixture(autouse=True)
def no_denied_call(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing that the product does may want a right that it does not have."""
    yield
    products = [each for each in request.node.funcargs.values() if isinstance(each, Product)]
    assert [line for product in products for line in product.newly_denied()] == []


@pytest.fixture(scope="session")
def shared() -> Iterator[Shared]:
    shared = Shared()
    yield shared
    shared.end()


@pytest.fixture(scope="module")
def product(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """For those who only talk to it, in conversations of their own."""
    return shared.get("product", lambda: running(tmp_path_factory.mktemp("product")))


@pytest.fixture
def page(product: Product) -> Iterator[Page]:
    page = Page(product.origin).open()
    yield page
    page.close()


@pytest.fixture
def conversation() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="module")
def hurt(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """For tests that kill parts of it; it notices soon."""
    environ = {"WATCHDOG_SECONDS": "1", "BACKUP_SECONDS": "5", "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    return shared.get("hurt", lambda: running(tmp_path_factory.mktemp("hurt"), **environ))


@pytest.fixture
def scene(hurt: Product) -> Iterator[Scene]:
    """A conversation of its own, with an agent that is awake."""
    scene = Scene(hurt)
    scene.greet()
    yield scene
    scene.page.close()


@pytest.fixture(scope="session")
def server() -> Iterator[TelegramServer]:
    """Telegram, for the products that have a bot."""
    with telegram_server() as server:
        yield server


@pytest.fixture(scope="module")
def bot(shared: Shared, server: TelegramServer, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A product with a bot."""
    environ = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": server.url}
    return shared.get("bot", lambda: running(tmp_path_factory.mktemp("telegram"), **environ))


@pytest.fixture(scope="module")
def phone(bot: Product, server: TelegramServer) -> Phone:
    """One whose chat is linked, another for each file."""
    phone = Phone(server, next(_chats))
    page = Page(bot.origin).open()
    phone.pair(page)
    page.close()
    return phone


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with the file: while Playwright runs, its thread has an event loop, which others do not expect."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody with a browser of their own."""
    context = browser.new_context(viewport=DESKTOP, locale="en-US")  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture
def blank(context: BrowserContext) -> BrowserTab:
    """A tab on which nothing is open yet."""
    return context.new_page()


@pytest.fixture
def tab(blank: BrowserTab, product: Product) -> BrowserTab:
    blank.goto(product.origin)
    expect(composer(blank)).to_be_visible(timeout=WARM)
    return blank
