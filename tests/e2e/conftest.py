"""The running product, shared by the tests that leave it as they found it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as BrowserTab

from tests.e2e.browser import DESKTOP, WARM, chromium, composer
from tests.e2e.page import Page
from tests.e2e.phone import Phone
from tests.e2e.processes import alive, below
from tests.e2e.product import Product, wait_for
from tests.e2e.scene import Scene
from tests.fakes.telegram_server import TOKEN, TelegramServer, telegram_server


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("product")).start()
    yield product
    product.stop()


@pytest.fixture
def page(product: Product) -> Iterator[Page]:
    page = Page(product.origin).open()
    yield page
    page.close()


@pytest.fixture
def conversation() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product for tests that kill parts of it; it notices soon, and leaves no process behind."""
    product = Product(
        tmp_path_factory.mktemp("hurt"), WATCHDOG_SECONDS="1", BACKUP_SECONDS="5", LOG_FORMAT="json"
    ).start()
    yield product
    left = [found.pid for found in below(product.process.pid)]
    product.stop()
    wait_for(lambda: not any(map(alive, left)), "the end of all processes")


@pytest.fixture
def scene(hurt: Product) -> Iterator[Scene]:
    """A conversation of its own, with an agent that is awake."""
    scene = Scene(hurt)
    scene.greet()
    yield scene
    scene.page.close()


@pytest.fixture(scope="module")
def server() -> Iterator[TelegramServer]:
    """Telegram, for the products that have a bot."""
    with telegram_server() as server:
        yield server


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, server: TelegramServer) -> Iterator[Product]:
    """A product with a bot."""
    environ = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": server.url}
    product = Product(tmp_path_factory.mktemp("telegram"), **environ).start()
    yield product
    product.stop()


@pytest.fixture(scope="module")
def phone(bot: Product, server: TelegramServer) -> Phone:
    """One whose chat is linked."""
    phone = Phone(server)
    page = Page(bot.origin).open()
    phone.pair(page)
    page.close()
    return phone


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
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
