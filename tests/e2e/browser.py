"""Chromium on the page of the running product."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--force-prefers-reduced-motion"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
COLD = 120_000  # milliseconds, with an agent that has to wake
WARM = 30_000


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "Chromium is missing: on Debian, apt install chromium"
    with sync_playwright() as playwright:
        home = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME"), tempfile.gettempdir())
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), env={**os.environ, **home})
        yield browser
        browser.close()


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def say(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name="Agent")


def questions(page: Page) -> Locator:
    return page.get_by_role("article", name="You")


def sign_out(tab: Page, way: str = "Sign out", kept: str = "Keep and sign out") -> None:
    tab.get_by_role("button", name="Settings", exact=True).click()
    tab.get_by_role("button", name=way, exact=True).click()
    tab.get_by_role("button", name=kept, exact=True).click()
