"""The proof that it works: a user of its own signs in, speaks, lets the agent sleep, and asks what it remembers.

The user is made for this check and forgotten after it: nobody's conversations are touched, no password is needed.
"""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import websocket

from infra.context import StepContext
from infra.errors import CheckFailed

ANSWER = 420.0  # seconds: a cold start may take five minutes, and Spot may be refused first
SLEEP = 180.0
LOOK = 2.0
WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "garnet", "harbor")
PROTOCOL = "openclaw.v1"


class RequestRefused(CheckFailed):
    """The REST API said no."""

    def __init__(self, method: str, path: str, status: int, words: str) -> None:
        super().__init__(f"{method} {path} answers {status}: {words}")
        self.status = status


@dataclass
class Visitor:
    """A page's part: REST with an identity token, and a socket with a ticket."""

    api: str
    socket: str
    origin: str
    token: str
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    conversation: str = field(default_factory=lambda: str(uuid.uuid4()))

    def call(self, method: str, path: str) -> dict[str, Any]:
        request = urllib.request.Request(
            self.api + path, b"{}" if method != "GET" else None, self._headers(), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                fields: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise RequestRefused(method, path, error.code, error.read(300).decode(errors="replace")) from None
        except OSError as error:
            raise CheckFailed(f"{method} {path} does not answer: {error}") from None
        return fields

    def ask(self, text: str) -> str:
        """The committed answer. Shows the stages on the way."""
        turn = str(uuid.uuid4())
        with self._opened() as socket:
            frame = {"type": "send", "id": turn, "conversationId": self.conversation, "text": text}
            socket.send(json.dumps(frame))
            return self._await(socket, turn)

    def fall_asleep(self) -> None:
        """An agent that has just answered may still be busy delivering."""
        for _ in range(round(SLEEP / LOOK)):
            match self.call("GET", "/status")["status"]:
                case "idle":
                    return
                case "running":
                    with suppress(RequestRefused):
                        self.call("POST", "/agent/stop")
            self.sleep(LOOK)
        raise CheckFailed("The agent does not fall asleep.")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    @contextmanager
    def _opened(self) -> Iterator[websocket.WebSocket]:
        ticket = self.call("POST", "/tickets")["ticket"]
        offered = [PROTOCOL, f"ticket.{ticket}"]
        try:
            socket = websocket.create_connection(
                self.socket, timeout=ANSWER, subprotocols=offered, origin=self.origin, suppress_origin=False
            )
        except (OSError, websocket.WebSocketException) as error:
            raise CheckFailed(f"The socket cannot be opened: {error}") from None
        try:
            yield socket
        finally:
            socket.close()

    def _await(self, socket: websocket.WebSocket, turn: str) -> str:
        text, stage = "", ""
        deadline = time.monotonic() + ANSWER
        while time.monotonic() < deadline:
            frame = self._receive(socket)
            match frame.get("type"):
                case "status" if (now := str(frame.get("stage") or frame["status"])) != stage:
                    stage = now
                    self.say(stage)
                case "stream_chunk" if frame["turn"] == turn:
                    text = frame["content"] if frame.get("replace") else text + frame["content"]
                case "stream_end" if frame["turn"] == turn:
                    return text
                case "message" if frame.get("turn") == turn:
                    return _answered(frame)
                case "error":
                    raise CheckFailed(f"The message is refused: {frame.get('message')}")
        raise CheckFailed(f"There is no answer after {ANSWER / 60:.0f} minutes: `python -m infra doctor` looks why.")

    def _receive(self, socket: websocket.WebSocket) -> dict[str, Any]:
        try:
            frame: dict[str, Any] = json.loads(socket.recv())
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise CheckFailed(f"The socket broke: {error}") from None
        return frame


def _answered(frame: Mapping[str, Any]) -> str:
    if frame.get("status") == "failed":
        raise CheckFailed(f"The agent says: {frame.get('text')}")
    return str(frame["text"])


def verify(context: StepContext) -> None:
    outputs = context.outputs()
    with stranger(context, outputs) as (_, token):
        converse(visitor_of(context, outputs, token), secrets.choice(WORDS), context.detail)


def visitor_of(context: StepContext, outputs: Mapping[str, str], token: str) -> Visitor:
    return Visitor(
        api=f"https://{outputs['RestApiId']}.execute-api.{context.aws.region}.amazonaws.com/api",
        socket=outputs["SocketUrl"],
        origin=outputs["Address"],
        token=token,
        say=context.detail,
        sleep=context.sleep,
    )


def converse(
    visitor: Visitor, word: str, say: Callable[[str], None], wake: Callable[[], object] = lambda: None
) -> None:
    """`wake` starts the agent where a message alone would start another one."""
    began = time.monotonic()
    wake()
    visitor.ask(f"Remember this word, I will ask for it later: {word}. Answer with one short sentence.")
    say(f"it woke and answered after {time.monotonic() - began:.0f} s")
    visitor.fall_asleep()
    say("it sleeps")
    wake()
    answer = visitor.ask("Which word did I ask you to remember? Answer with the word alone.")
    if word not in answer.lower():
        raise CheckFailed(f"After its sleep the agent does not remember {word!r}; it says: {answer[:200]}")
    say("it woke and remembers")
    visitor.fall_asleep()


@contextmanager
def stranger(context: StepContext, outputs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Somebody's id and identity token, for as long as the check takes."""
    users, pool = context.aws.users, outputs["UserPoolId"]
    email, password = f"check-{secrets.token_hex(6)}@example.invalid", f"Aa1!{secrets.token_urlsafe(24)}"
    user_id = users.make(pool, email, password)
    try:
        yield user_id, users.sign_in(pool, outputs["PageClientId"], email, password)
    finally:
        users.delete(pool, email)
        forget(context, user_id, outputs["DataBucket"])


def forget(context: StepContext, user_id: str, bucket: str) -> None:
    prefix = context.names.table_prefix
    for table in ("Conversations", "Settings", "PendingMessages", "Usage"):
        context.aws.tables.forget(prefix + table, user_id, ("userId", "sk"))
    context.aws.tables.forget(f"{prefix}TaskState", user_id, ("userId",))
    context.aws.tables.forget(f"{prefix}Connections", f"user#{user_id}", ("connectionId",))
    context.aws.buckets.empty(bucket, f"users/{user_id}/")
