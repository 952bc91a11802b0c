"""Telegram's Bot API over HTTPS. https://core.telegram.org/bots/api

Each call has a connection of its own: on a kept one that Telegram has closed meanwhile, nobody could tell whether a
message went out. The token is part of every path, so no path and no error that has one is ever logged.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.telegram_media import ChatFile
from chalicelib.domain.telegram_text import Entity, Words
from chalicelib.errors import (
    ChatBusy,
    ChatGone,
    ChatRefused,
    ChatUnavailable,
    MarkupRefused,
    MessageGone,
    MessageTooLarge,
)
from chalicelib.ports import Button

TIMEOUT = 10.0  # seconds
UPLOAD_TIMEOUT = 60.0  # the longest that sending one file may take
UPLOAD = "file"  # what a file is called in its form
TOO_MANY = 429
SERVER_ERROR = 500
MOST_SECONDS = 300.0  # that a chat may ask us to wait; more is tried earlier
REFUSALS: Mapping[str, type[ChatRefused] | None] = {  # by Telegram's words, which its documentation does not list
    "message is not modified": None,  # it says what it should: the edit was made before
    "can't parse entities": MarkupRefused,
    "entity": MarkupRefused,
    "message to edit not found": MessageGone,
    "message can't be edited": MessageGone,
    "message_id_invalid": MessageGone,
    "chat not found": ChatGone,
    "bot was blocked": ChatGone,
    "user is deactivated": ChatGone,
    "bot can't initiate conversation": ChatGone,
    "unauthorized": ChatGone,
}
Json = Mapping[str, Any]


@dataclass(frozen=True)
class BotApi:
    read_token: Callable[[], str | None]
    url: str
    timeout: float = TIMEOUT
    _name: list[str] = field(default_factory=list)

    def name(self) -> str:
        if not self._name:
            self._name.append(str(self.call("getMe")["username"]))
        return self._name[0]

    def send(self, chat: int, words: Words, buttons: Sequence[Button] = ()) -> int:
        keyboard = [[{"text": button.label, "callback_data": button.order}] for button in buttons]
        markup = {"reply_markup": {"inline_keyboard": keyboard}} if keyboard else {}
        return int(self.call("sendMessage", chat_id=chat, **_text(words), **markup)["message_id"])

    def edit(self, chat: int, message: int, words: Words) -> None:
        self.call("editMessageText", chat_id=chat, message_id=message, **_text(words))

    def put_file(self, chat: int, message: int, file: ChatFile) -> None:
        media = json.dumps({"type": file.kind, "media": f"attach://{UPLOAD}"})
        self._upload("editMessageMedia", UPLOAD, file, chat_id=chat, message_id=message, media=media)

    def send_file(self, chat: int, file: ChatFile) -> int:
        method = {"photo": "sendPhoto", "document": "sendDocument"}[file.kind]
        return int(self._upload(method, file.kind, file, chat_id=chat)["message_id"])

    def draft(self, chat: int, number: int, words: Words) -> None:
        fields = {name: value for name, value in _text(words).items() if name != "link_preview_options"}
        self.call("sendMessageDraft", chat_id=chat, draft_id=number, **fields)

    def delete(self, chat: int, message: int) -> None:
        self.call("deleteMessage", chat_id=chat, message_id=message)

    def type(self, chat: int) -> None:
        self.call("sendChatAction", chat_id=chat, action="typing")

    def confirm(self, query_id: str) -> None:
        self.call("answerCallbackQuery", callback_query_id=query_id)

    def register(self, commands: Mapping[str, str], language: str | None) -> None:
        listed = [{"command": name, "description": text} for name, text in commands.items()]
        scope = {"scope": {"type": "all_private_chats"}} | ({"language_code": language} if language else {})
        self.call("setMyCommands", commands=listed, **scope)

    def fetch(self, file_id: str, limit: int) -> bytes:
        path = self.call("getFile", file_id=file_id)["file_path"]
        status, body = self._exchange("GET", f"/file/bot{self._token()}/{path}", most=limit + 1)
        if status != http.HTTPStatus.OK:
            raise ChatUnavailable(f"the file could not be read: HTTP {status}")
        if len(body) > limit:
            raise MessageTooLarge(f"the file has more than {limit} bytes")
        return body

    def call(self, method: str, **fields: Any) -> Any:
        """The result of any method. Raises ChatUnavailable and ChatRefused, with the method's name."""
        return self._ask(method, json.dumps(fields, ensure_ascii=False).encode(), "application/json")

    def _upload(self, method: str, part: str, file: ChatFile, **fields: Any) -> Any:
        from urllib3.filepost import encode_multipart_formdata  # noqa: PLC0415  the cloud side sends no files

        texts = {name: str(value) for name, value in fields.items()}
        body, form = encode_multipart_formdata({**texts, part: (file.name, file.content, file.mime_type)})
        return replace(self, timeout=max(self.timeout, UPLOAD_TIMEOUT))._ask(method, body, form)

    def _ask(self, method: str, body: bytes, form: str) -> Any:
        status, answered = self._exchange("POST", f"/bot{self._token()}/{method}", body, form=form)
        answer = _read(answered)
        if answer.get("ok"):
            return answer.get("result")
        return _refuse(method, status, answer)

    def _exchange(
        self, verb: str, path: str, body: bytes | None = None, *, form: str = "", most: int | None = None
    ) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(verb, urlsplit(self.url).path + path, body, {"Content-Type": form} if form else {})
            response = connection.getresponse()
            return response.status, response.read(most)
        except (OSError, http.client.HTTPException) as error:
            raise ChatUnavailable(f"Telegram does not answer: {type(error).__name__}") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        target = urlsplit(self.url)
        if target.scheme == "http":  # a server of one's own, or of the tests
            return http.client.HTTPConnection(target.netloc, timeout=self.timeout)
        return http.client.HTTPSConnection(target.netloc, timeout=self.timeout, context=ssl.create_default_context())

    def _token(self) -> str:
        token = self.read_token()
        if not token:
            raise ChatGone("there is no bot: its token is not stored")
        return token


def _text(words: Words) -> dict[str, Any]:
    fields: dict[str, Any] = {"text": words.text, "link_preview_options": {"is_disabled": True}}
    if words.entities:
        fields["entities"] = [_entity(entity) for entity in words.entities]
    return fields


def _entity(entity: Entity) -> Json:
    fields = {"type": entity.kind, "offset": entity.offset, "length": entity.length}
    return fields | {name: value for name in ("url", "language") if (value := getattr(entity, name))}


def _read(body: bytes) -> Json:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refuse(method: str, status: int, answer: Json) -> None:
    """Returns only if the refusal means that everything is as it should be."""
    words = f"{method}: {answer.get('description') or f'HTTP {status}'}"
    if status == TOO_MANY:
        asked = float((answer.get("parameters") or {}).get("retry_after") or 1)
        raise ChatBusy(min(asked, MOST_SECONDS))
    if status >= SERVER_ERROR or not answer:
        raise ChatUnavailable(words)
    for said, error in REFUSALS.items():
        if said in words.lower():
            if error is None:
                return
            raise error(words)
    raise ChatRefused(words)
