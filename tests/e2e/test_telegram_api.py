"""The same against a Bot API server that somebody else wrote; it knows no drafts, so the answer is edited."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.page import Page, fetch
from tests.e2e.product import ROOT, Product, free_ports, wait_for

TOKEN = "4711:their-server"
FOLDER = ROOT / "tests" / "telegram_api"
CHAT = 77


@dataclass
class TheirServer:
    url: str

    def say(self, text: str) -> None:
        person = {"id": CHAT, "is_bot": False, "first_name": "Ada"}
        chat = {"id": CHAT, "type": "private", "first_name": "Ada"}
        message = {"botToken": TOKEN, "from": person, "chat": chat, "text": text}
        fetch(f"{self.url}/sendMessage", method="POST", body=message)

    @property
    def seen(self) -> list[str]:
        history = fetch(f"{self.url}/getUpdatesHistory", method="POST", body={"token": TOKEN})[1]["result"]
        return [each["message"]["text"] for each in history if "chat_id" in each["message"]]


@pytest.fixture
def their_server() -> Iterator[TheirServer]:
    if not (FOLDER / "node_modules").exists():
        pytest.skip("not installed: sh setup.sh test")
    port = free_ports()
    command = [str(ROOT / ".venv" / "bin" / "node"), "server.cjs"]
    environ = {"PORT": str(port), "PATH": "/usr/bin:/bin"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=FOLDER, env=environ, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline() == "ready\n"
        yield TheirServer(f"http://127.0.0.1:{port}")
        process.stdin.close()
        process.wait(5)


@pytest.mark.soak
def test_a_chat_is_paired_and_answered(their_server: TheirServer, tmp_path: Path) -> None:
    product = Product(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=their_server.url).start()
    page = Page(product.origin).open()
    try:
        their_server.say(page.rest("POST", "/links/telegram")["code"])
        (link,) = wait_for(lambda: page.rest("GET", "/links")["links"], "the chat asks")
        page.rest("POST", f"/links/{link['id']}/confirm")
        their_server.say("Hello [[n=40]] [[delay=0.05]]")

        entry = page.wait(lambda frame: frame["type"] == "message" and frame["role"] == "user", "the question")
        answer = page.answer(entry["id"])
        wait_for(lambda: their_server.seen[-1] == answer, "the answer in the chat")
        assert len(their_server.seen) == 3  # asked, linked, and the line that became the answer
    finally:
        page.close()
        product.stop()
