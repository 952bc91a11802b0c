"""What services and the bridge need from other parties; `adapters/`, `local/` and the tests' fakes provide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from chalicelib.domain.agent import Agent
from chalicelib.domain.attachment import File
from chalicelib.domain.credentials import SessionCredentials
from chalicelib.domain.generations import Stored
from chalicelib.domain.telegram_media import ChatFile
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.watchdog import Task


class Tasks(Protocol):
    """ECS."""

    def run(self, agent: Agent) -> str:
        """Starts the task of this agent and epoch, once however often it is called; its ARN.

        Raises NoCapacity or StartRefused when there certainly is none, AgentUnavailable when it cannot be known.
        """

    def stop(self, task_arn: str, reason: str) -> None: ...

    def look_up(self, task_arns: Sequence[str]) -> Sequence[Task]:
        """All tasks that are not stopped, and these ones as far as ECS still knows them.

        Raises AgentUnavailable on any error: an error never means that a task is gone.
        """


class Budget(Protocol):
    def is_spent(self) -> bool:
        """Has this month cost what the owner allows?"""


class Doorbell(Protocol):
    def ring(self, agent: Agent) -> bool:
        """Tells the bridge to look into its inbox; False when it did not answer. Carries nothing."""


class Push(Protocol):
    def send(self, connection_id: str, frame: Mapping[str, Any]) -> bool:
        """One frame to one socket; False when the connection is gone for good. Raises AgentUnavailable otherwise."""

    def close(self, connection_id: str) -> None: ...


@dataclass(frozen=True)
class Blob:
    """An object's content, and the tag that changes with it."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class Head:
    """What an object is, without its content; `name` is what its uploader called it."""

    size: int  # bytes
    mime_type: str
    name: str = ""


@dataclass(frozen=True)
class Form:
    """How a browser uploads one object: it posts the fields to the URL as multipart/form-data, the file last."""

    url: str
    fields: Mapping[str, str]


class Objects(Protocol):
    """S3. Every method raises StorageUnavailable when it was not done, or may not have been."""

    def get(self, key: str) -> Blob | None:
        """None only when S3 says for certain that there is no such object."""

    def put(self, key: str, body: bytes) -> None: ...

    def put_file(self, key: str, body: bytes, name: str, mime_type: str) -> None:
        """For a browser: with a name to download it by, and its type."""

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        """Only what still has this tag; None: only where nothing is. The new tag.

        Raises ConditionFailed, also when an answer was lost and our own first try has already done it.
        """

    def size(self, key: str) -> int | None:
        """In bytes; None when there is no such object."""

    def head(self, key: str) -> Head | None:
        """None when there is no such object."""

    def form(self, key: str, file: File, lifetime: timedelta) -> Form:
        """Takes this key, type, name and at most this size. The object passes after some days."""

    def list(self, prefix: str) -> Iterable[Stored]: ...

    def delete(self, keys: Sequence[str]) -> None: ...

    def presign(self, key: str, filename: str | None, lifetime: timedelta) -> str:
        """A URL that downloads the object under this name; None for a file that was put with one."""

    def begin(self, key: str) -> str:
        """An upload in parts, for an object that is put together by several calls: the one under way or a new one."""

    def parts(self, key: str, upload: str) -> Mapping[int, str]:
        """The tags of the parts that are there, by number from 1."""

    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str: ...

    def finish(self, key: str, upload: str, parts: Mapping[int, str]) -> None: ...


class UserPool(Protocol):
    """Who signs people in."""

    def sign_out(self, user_id: str) -> None:
        """No refresh token that this user has is worth anything from now on. Raises AgentUnavailable."""


class CredentialIssuer(Protocol):
    def issue(self, user_id: str, epoch: int) -> SessionCredentials:
        """Credentials for an hour that reach this user's rows and objects only. Raises AgentUnavailable."""


class Secrets(Protocol):
    def providers(self) -> frozenset[str]:
        """Model providers for which a key is stored, e.g. {"anthropic"}."""

    def read(self, name: str) -> str | None:
        """The secret, some minutes old at most; None when there is none. To be kept nowhere."""


@dataclass(frozen=True)
class Button:
    """Under a message; `order` comes back when it is pressed, 64 bytes at most."""

    label: str
    order: str


class Bot(Protocol):
    """Telegram's Bot API. Every method raises ChatUnavailable (ChatBusy) and ChatRefused (its children)."""

    def name(self) -> str:
        """The bot's username, for links."""

    def send(self, chat: int, words: Words, buttons: Sequence[Button] = ()) -> int:
        """A new message; its number. Not safe to repeat. Raises MarkupRefused."""

    def edit(self, chat: int, message: int, words: Words) -> None:
        """Safe to repeat. Raises MarkupRefused, MessageGone."""

    def put_file(self, chat: int, message: int, file: ChatFile) -> None:
        """A message of text becomes the file. Safe to repeat. Raises MessageGone."""

    def send_file(self, chat: int, file: ChatFile) -> int:
        """A new message that is the file; its number. Not safe to repeat."""

    def draft(self, chat: int, number: int, words: Words) -> None:
        """A preview that passes after 30 s; the same number moves on from what it showed before."""

    def delete(self, chat: int, message: int) -> None: ...

    def type(self, chat: int) -> None:
        """Shows for five seconds that somebody is writing."""

    def confirm(self, query_id: str) -> None:
        """The button has been noticed."""

    def register(self, commands: Mapping[str, str], language: str | None) -> None:
        """What the menu offers to people of this language; None: to all others."""

    def fetch(self, file_id: str, limit: int) -> bytes:
        """A file that somebody sent. Raises MessageTooLarge."""


Clock = Callable[[], datetime]
Sleep = Callable[[float], None]
NewId = Callable[[], str]
