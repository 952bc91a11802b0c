"""The page without a browser: signs in, opens the socket, and renders by the same rules."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

Frame = dict[str, Any]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def fetch(url: str, *, method: str = "GET", body: Any = None, token: str | None = None) -> tuple[int, Any]:
    """Status and JSON of a REST answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=sent, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=35) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def sign_in(origin: str) -> str:
    """The single user's ID token, by code and PKCE."""
    oidc = fetch(f"{origin}/config.json")[1]["oidc"]
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect = f"{origin}/"
    asked = {"client_id": oidc["clientId"], "response_type": "code", "redirect_uri": redirect, "scope": oidc["scope"]}
    asked |= {"state": "s", "code_challenge": challenge, "code_challenge_method": "S256"}
    known = fetch(f"{oidc['authority']}/.well-known/openid-configuration")[1]
    try:
        urllib.request.build_opener(NoRedirect).open(
            f"{known['authorization_endpoint']}?{urllib.parse.urlencode(asked)}"
        )
        raise AssertionError("the provider did not redirect")
    except urllib.error.HTTPError as answer:
        location = answer.headers["Location"]
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
    form |= {"client_id": oidc["clientId"], "code_verifier": verifier}
    with urllib.request.urlopen(known["token_endpoint"], urllib.parse.urlencode(form).encode(), timeout=10) as tokens:
        return str(json.load(tokens)["id_token"])


@dataclass
class Rendered:
    """What a page shows of one turn."""

    text: str = ""
    held: int = 0
    chunks: int = 0
    gap: bool = False  # a piece is missing; until the catch-up, nothing more is taken

    def take(self, frame: Frame) -> bool:
        """True when a piece before this one was missed."""
        self.chunks += 1
        first = int(frame.get("from") or frame["n"])
        if frame.get("replace"):
            self.text, self.held, self.gap = frame["content"], frame["n"], False
        elif self.gap or frame["n"] <= self.held:
            return False
        elif first > self.held + 1:
            self.gap = True
        else:
            self.text, self.held = self.text + frame["content"], frame["n"]
        return self.gap


@dataclass
class Page:
    """One open tab. `frames` are all frames it got, in order, with the time under `_at`."""

    origin: str
    frames: list[Frame] = field(default_factory=list)
    turns: dict[str, Rendered] = field(default_factory=dict)
    acks: dict[str, Frame] = field(default_factory=dict)
    ends: dict[str, Frame] = field(default_factory=dict)  # by turn: `stream_end`, a whole answer, or a notice

    def __post_init__(self) -> None:
        self.token = sign_in(self.origin)
        self.ticket = ""
        self._news = threading.Condition()
        self._socket: ClientConnection | None = None
        self._closing = ExitStack()

    def open(self) -> Page:
        self.ticket = str(self.rest("POST", "/tickets")["ticket"])
        config = fetch(f"{self.origin}/config.json")[1]
        offered = [Subprotocol("openclaw.v1"), Subprotocol(f"ticket.{self.ticket}")]
        opening = connect(config["socket"], subprotocols=offered, origin=Origin(self.origin), max_size=None)
        self._socket = self._closing.enter_context(opening)
        threading.Thread(target=self._read, args=(self._socket,), daemon=True).start()
        return self

    def close(self) -> None:
        self._closing.close()

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a REST call that must succeed."""
        status, answer = fetch(f"{self.origin}/api{path}", method=method, body=body, token=self.token)
        assert status == 200, f"{method} {path}: {status} {answer}"
        return answer

    def put(self, frame: Frame) -> None:
        assert self._socket is not None, "the page is not open"
        self._socket.send(json.dumps(frame))

    def send(self, text: str, conversation: str, id: str | None = None, attachments: Sequence[str] = ()) -> str:
        """Sends a message; its id."""
        message = id or str(uuid.uuid4())
        files = {"attachments": list(attachments)} if attachments else {}
        self.put({"type": "send", "id": message, "conversationId": conversation, "text": text, **files})
        return message

    def upload(self, name: str, text: str) -> str:
        """Uploads a text as the page does; its id."""
        content = text.encode()
        offer = self.rest("POST", "/uploads", {"name": name, "mimeType": "text/plain", "bytes": len(content)})
        files: Any = {field: (None, value) for field, value in offer["fields"].items()}
        answer = requests.post(offer["url"], files={**files, "file": ("blob", content, "text/plain")}, timeout=30)
        assert answer.status_code == 204, answer.text
        return str(offer["id"])

    def wait(self, wanted: Callable[[Frame], Any], what: str, patience: float = 60.0) -> Frame:
        """The first frame that is wanted, old or new."""
        return self._await(lambda: next((frame for frame in self.frames if wanted(frame)), None), what, patience)

    def _await(self, look: Callable[[], Frame | None], what: str, patience: float) -> Frame:
        deadline = time.monotonic() + patience
        with self._news:
            while True:
                if found := look():
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{what}: not within {patience:.0f} s; got {self.summary()}")
                self._news.wait(left)

    def acked(self, turn: str, patience: float = 30.0) -> Frame:
        return self._await(lambda: self.acks.get(turn), f"ack of {turn}", patience)

    def first_word(self, turn: str, patience: float = 60.0) -> Frame:
        return self.wait(lambda frame: _is_chunk(frame, turn) and frame["content"], f"first word of {turn}", patience)

    def ended(self, turn: str, patience: float = 60.0) -> Frame:
        """`stream_end`, or the notice that there is no answer."""
        return self._await(lambda: self.ends.get(turn), f"answer to {turn}", patience)

    def answer(self, turn: str, patience: float = 60.0) -> str:
        """The text the page shows once the answer is complete; it must be the text that was committed."""
        end = self.ended(turn, patience)
        assert end.get("role", "agent") == "agent", f"no answer but {end}"
        shown = self.turns[turn].text
        if end["type"] == "message":
            return shown
        assert hashlib.sha256(shown.encode()).hexdigest() == end["sha256"], f"shown: {shown!r}, committed: {end}"
        return shown

    def statuses(self) -> list[str]:
        return [frame["status"] for frame in self.frames if frame["type"] == "status"]

    def history(self, conversation: str) -> list[Frame]:
        return list(self.rest("GET", f"/conversations/{conversation}")["messages"])

    def summary(self) -> list[str]:
        return [
            f"{frame['type']} {frame.get('status') or frame.get('code') or ''}".strip() for frame in self.frames[-20:]
        ]

    def _read(self, socket: ClientConnection) -> None:
        try:
            for text in socket:
                self._take({**json.loads(text), "_at": time.monotonic()})
        except ConnectionClosed:
            pass

    def _take(self, frame: Frame) -> None:
        with self._news:
            self.frames.append(frame)
            self._sort(frame)
            self._news.notify_all()

    def _sort(self, frame: Frame) -> None:
        kind, turn = frame.get("type"), frame.get("turn", "")
        if kind == "ack":
            self.acks.setdefault(frame["id"], frame)
        elif kind == "stream_chunk":
            self._render(frame)
        elif kind == "stream_end":
            self.ends.setdefault(turn, frame)
        elif kind == "message" and frame["role"] != "user":
            self.turns.setdefault(turn, Rendered()).text = frame["text"]
            self.ends.setdefault(turn, frame)

    def _render(self, frame: Frame) -> None:
        shown = self.turns.setdefault(frame["turn"], Rendered())
        missed = shown.gap
        if shown.take(frame) and not missed:
            held = {"turn": frame["turn"], "chunk": shown.held}
            self.put(
                {"type": "resume", "conversationId": frame["conversationId"], "after": self._answered(frame), **held}
            )

    def _answered(self, frame: Frame) -> int:
        """Number of the last answer that this page has of a conversation."""
        talk = frame["conversationId"]
        return max((end["seq"] for end in self.ends.values() if end["conversationId"] == talk), default=0)


def _is_chunk(frame: Frame, turn: str) -> bool:
    return frame.get("type") == "stream_chunk" and frame["turn"] == turn
