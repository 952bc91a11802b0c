"""A page whose cloud says what a test wants of one conversation; everything else is the running product's."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route, WebSocketRoute

Fields = dict[str, Any]
SAID_AT = "2026-01-01T12:00:00.000Z"


class Staged:
    """Answers in the place of the cloud, for a tab that is not opened yet."""

    def __init__(self, tab: Page, origin: str, entries: Sequence[Fields] = (), page_size: int = 0) -> None:
        self.tab, self.origin = tab, origin
        self.id = str(uuid.uuid4())
        self.entries = [{"conversationId": self.id, **entry} for entry in entries]
        self.page_size = page_size or max(1, len(self.entries))
        self.sockets: list[WebSocketRoute] = []
        self._own: set[str] = set()  # kinds of frames that the test speaks of, so that the product does not
        tab.route(re.compile(rf"/api/conversations/{self.id}"), self._history)
        tab.route_web_socket(re.compile(r"^ws://"), self._connected)

    def open(self) -> Page:
        self.tab.goto(f"{self.origin}/#/c/{self.id}")
        return self.tab

    def push(self, **frame: Any) -> None:
        """A frame of the cloud's to this tab, as soon as it is connected."""
        for _ in range(100):
            if self.sockets:
                break
            self.tab.wait_for_timeout(100)
        self._own.add(frame["type"])
        self.sockets[-1].send(json.dumps({"conversationId": self.id, **frame}))

    def answer(self, path: str, body: Mapping[str, Any], status: int = 200) -> None:
        """What another call is answered with."""
        self.tab.route(re.compile(rf"/api{re.escape(path)}$"), lambda route: route.fulfill(status=status, json=body))

    def _history(self, route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        before = int(asked["before"][0]) if "before" in asked else None
        older = [entry for entry in self.entries if before is None or entry["seq"] < before]
        page = older[-self.page_size :]
        more = page[0]["seq"] if len(page) < len(older) else None
        route.fulfill(json={"messages": page, "before": more})

    def _connected(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server().on_message(lambda text: self._pass_on(socket, text))
        self.sockets.append(socket)

    def _pass_on(self, socket: WebSocketRoute, text: str | bytes) -> None:
        if json.loads(text).get("type") not in self._own:
            socket.send(text)


def question(seq: int, text: str = "What is it?", **rest: Any) -> Fields:
    fields = {"id": f"q{seq}", "seq": seq, "role": "user", "text": text, "createdAt": SAID_AT, "status": "committed"}
    return fields | rest


def reply(seq: int, text: str, **rest: Any) -> Fields:
    """The answer to the question before it."""
    fields = {"id": f"a{seq}", "seq": seq, "role": "agent", "text": text, "createdAt": SAID_AT, "status": "committed"}
    return fields | {"turn": f"q{seq - 1}"} | rest


def notice(seq: int, text: str, **rest: Any) -> Fields:
    return reply(seq, text, role="notice", status="failed", id=f"n{seq}", **rest)
