"""A Telegram Bot API server of our own, strict about what the real one is strict about, and able to misbehave.

https://core.telegram.org/bots/api
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chalicelib.domain.telegram_text import units
from tests.fakes.telegram_media import Refused, Uploaded, read_form, take_media, take_photo_or_document

TOKEN = "4711:test-token"
Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """Instead of an answer, or after the effect of the call."""

    status: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    after_effect: bool = False
    silent: bool = False  # the connection is closed without an answer

    @property
    def body(self) -> Json:
        extra = {"parameters": {"retry_after": self.retry_after}} if self.retry_after is not None else {}
        return {"ok": False, "error_code": self.status, "description": self.description, **extra}


@dataclass
class Chats:
    """What stands in the chats, and what the bot has not yet fetched."""

    messages: dict[int, dict[int, Json]] = field(default_factory=dict)
    changes: list[tuple[float, int, str]] = field(default_factory=list)  # time, chat, method
    drafts: list[tuple[int, str]] = field(default_factory=list)
    typing: list[int] = field(default_factory=list)
    menus: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    updates: list[Json] = field(default_factory=list)
    late: list[Json] = field(default_factory=list)  # given once more, whatever was asked for
    webhook: bool = False
    numbers: int = 1000

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def texts(self, chat: int) -> list[str]:
        """What the bot has said there, oldest first."""
        return [_text(message) for _, message in sorted(self.messages.get(chat, {}).items())]

    def shown(self, chat: int) -> list[tuple[str, Uploaded]]:
        """The files that the bot has sent there, each with what it is, oldest first."""
        messages = [message for _, message in sorted(self.messages.get(chat, {}).items())]
        return [(message["kind"], message["file"]) for message in messages if "file" in message]

    def getMe(self, call: Json) -> Json:
        return {"id": 4711, "is_bot": True, "username": "our_test_bot"}

    def getUpdates(self, call: Json) -> list[Json]:
        if self.webhook:
            raise Conflict
        self.updates = [update for update in self.updates if update["update_id"] >= int(call.get("offset", 0))]
        late, self.late = self.late, []
        return late + self.updates[: int(call.get("limit", 100))]

    def sendMessage(self, call: Json) -> Json:
        _check(call)
        number, chat = self.number(), int(call["chat_id"])
        self.messages.setdefault(chat, {})[number] = call
        self.changes.append((time.monotonic(), chat, "sendMessage"))
        return {"message_id": number, "chat": {"id": chat}}

    def editMessageText(self, call: Json) -> Json:
        _check(call)
        chat, number = int(call["chat_id"]), int(call["message_id"])
        known = self.messages.get(chat, {}).get(number)
        if known is None:
            raise Refused("message to edit not found")
        if "text" not in known:
            raise Refused("there is no text in the message to edit")
        if (known["text"], known.get("entities")) == (call["text"], call.get("entities")):
            raise Refused("message is not modified: specified new message content is exactly the same")
        self.messages[chat][number] = call
        self.changes.append((time.monotonic(), chat, "editMessageText"))
        return {"message_id": number}

    def editMessageMedia(self, call: Json) -> Json:
        kind, file = take_media(call)
        chat, number = int(call["chat_id"]), int(call["message_id"])
        if number not in self.messages.get(chat, {}):
            raise Refused("message to edit not found")
        self.messages[chat][number] = {"kind": kind, "file": file}
        self.changes.append((time.monotonic(), chat, "editMessageMedia"))
        return {"message_id": number}

    def sendPhoto(self, call: Json) -> Json:
        return self._send_file("photo", call)

    def sendDocument(self, call: Json) -> Json:
        return self._send_file("document", call)

    def _send_file(self, kind: str, call: Json) -> Json:
        file, number, chat = take_photo_or_document(call, kind), self.number(), int(call["chat_id"])
        self.messages.setdefault(chat, {})[number] = {"kind": kind, "file": file}
        self.changes.append((time.monotonic(), chat, f"send{kind.capitalize()}"))
        return {"message_id": number, "chat": {"id": chat}}

    def deleteMessage(self, call: Json) -> bool:
        if self.messages.get(int(call["chat_id"]), {}).pop(int(call["message_id"]), None) is None:
            raise Refused("message to delete not found")
        return True

    def sendMessageDraft(self, call: Json) -> bool:
        _check(call)
        assert int(call["draft_id"]) != 0
        self.drafts.append((int(call["chat_id"]), call["text"]))
        return True

    def sendChatAction(self, call: Json) -> bool:
        self.typing.append(int(call["chat_id"]))
        return True

    def answerCallbackQuery(self, call: Json) -> bool:
        return bool(call["callback_query_id"])

    def setMyCommands(self, call: Json) -> bool:
        self.menus[call.get("language_code", "")] = call["commands"]
        return True

    def getFile(self, call: Json) -> Json:
        return {"file_id": call["file_id"], "file_path": f"photos/{call['file_id']}"}


class Conflict(Exception):
    fault = Fault(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )


def _text(message: Json) -> str:
    return message["text"] if "text" in message else f"[{message['kind']} {message['file'].name}]"


def _check(call: Json) -> None:
    size = units(call["text"].strip())
    if size == 0:
        raise Refused("message text is empty")
    if units(call["text"]) > 4096:
        raise Refused("message is too long")
    for entity in call.get("entities", ()):
        if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > units(call["text"]):
            raise Refused("entity beginning at UTF-16 offset is out of bounds")
    for button in (button for row in call.get("reply_markup", {}).get("inline_keyboard", ()) for button in row):
        if len(button["callback_data"].encode()) > 64:
            raise Refused("BUTTON_DATA_INVALID")


class TelegramServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chats = Chats()
        self.calls: list[tuple[str, Json]] = []
        self.faults: dict[str, list[Fault]] = {}
        self.brought: dict[int, Json] = {}  # all updates, by number
        self.struck: list[tuple[float, str, Fault]] = []  # time, method
        self.news = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, chat: int, language: str = "en", **fields: Any) -> int:
        """Somebody in a private chat does something; the number of the update."""
        person = {"id": chat, "is_bot": False, "first_name": f"Person {chat}", "language_code": language}
        message = {"message_id": self.chats.number(), "from": person, "chat": {"id": chat, "type": "private"}}
        query = fields.pop("press", None)
        if query:
            return self.bring(callback_query={"id": "q", "from": person, "message": message | fields, "data": query})
        return self.bring(message={**message, **fields})

    def bring(self, **update: Any) -> int:
        """Any update; its number."""
        with self.news:
            number = self.chats.number()
            self.brought[number] = {"update_id": number, **update}
            self.chats.updates.append(self.brought[number])
            self.news.notify_all()
        return number

    def repeat(self, number: int) -> None:
        """An update that may have been taken long ago comes once more."""
        with self.news:
            self.chats.late.append(self.brought[number])
            self.news.notify_all()

    def answer(self, method: str, call: Json) -> tuple[int, Json] | None:
        with self.news:
            if method == "getUpdates" and int(call.get("timeout", 0)) and not self.faults.get(method):
                self.news.wait_for(lambda: self._fresh(call), timeout=2)
            self.calls.append((method, call))
            fault = self.faults[method].pop(0) if self.faults.get(method) else None
            if fault:
                self.struck.append((time.monotonic(), method, fault))
            if fault and not fault.after_effect:
                return None if fault.silent else (fault.status, fault.body)
            try:
                if method.startswith("_") or not hasattr(self.chats, method):
                    return 404, Fault(404, "Not Found").body
                act: Callable[[Json], Any] = getattr(self.chats, method)
                result = act(call)
            except Refused as refusal:
                fault = Fault(400, f"Bad Request: {refusal}")
                return fault.status, fault.body
            except Conflict as refusal:
                return refusal.fault.status, refusal.fault.body
            self.news.notify_all()
        if fault:
            return None if fault.silent else (fault.status, fault.body)
        return 200, {"ok": True, "result": result}

    def _fresh(self, call: Mapping[str, Any]) -> bool:
        offset = int(call.get("offset", 0))
        return bool(self.chats.late) or any(update["update_id"] >= offset for update in self.chats.updates)


class _Handler(BaseHTTPRequestHandler):
    server: TelegramServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, bot, method = self.path.split("/", 2)
        if bot != f"bot{TOKEN}":
            self._reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        elif answer := self.server.answer(method, self._fields(body)):
            self._reply(*answer)
        else:
            self.close_connection = True

    def _fields(self, body: bytes) -> Json:
        form = self.headers.get("Content-Type", "")
        return read_form(form, body) if form.startswith("multipart/") else json.loads(body or b"{}")

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[1]
        content = self.server.chats.files.get(name) if self.path.startswith(f"/file/bot{TOKEN}/") else None
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def _reply(self, status: int, fields: Json) -> None:
        body = json.dumps(fields).encode()
        with suppress(ConnectionError):  # who asked may have been stopped meanwhile
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def telegram_server() -> Iterator[TelegramServer]:
    server = TelegramServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
