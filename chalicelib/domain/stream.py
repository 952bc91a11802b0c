"""A running answer as the browser sees it: increments numbered, coalesced and cut to what a frame may carry."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.conversation import Entry
from chalicelib.domain.kept import Media, ToolLedger, media_facts, read_media
from chalicelib.domain.protocol import FRAME_BYTES, Frame, failure, message, usage
from chalicelib.domain.times import to_text
from chalicelib.domain.turn import Approval, Delta, Tool, Waiting

INTERVAL = 0.12  # seconds between pushes; API Gateway counts every push against the account's quota
EARLY_BYTES = 2048  # that much text does not wait for the interval
CONTENT_BYTES = FRAME_BYTES - 1024  # room for the envelope
SUMMARY_LENGTH = 200
DETAIL_LENGTH = 3000  # six bytes each in JSON at worst


@dataclass
class SideFrames:
    """What there is of one turn besides its text: its tools and its files, each numbered apart."""

    conversation_id: str
    turn: str
    frames: list[Frame] = field(default_factory=list)
    sent: int = 0
    waiting: Frame | None = None  # to be told once, and to nobody later
    ledger: ToolLedger = field(default_factory=ToolLedger)

    def add(self, event: Tool | Media | Waiting | Approval) -> None:
        match event:
            case Tool():
                self.ledger.note(event)
                self.frames.append(self._frame("tool") | _tool(event))
            case Media():
                self.frames.append(self._frame("media") | media_facts([event])[0])
            case Approval():
                self.frames.append(self._frame("approval") | _approval(event))
            case Waiting(seconds):
                self.waiting = {**self._place("waiting"), "seconds": seconds}

    def media(self) -> tuple[Media, ...]:
        return read_media(frame for frame in self.frames if frame["type"] == "media")

    def undecided(self) -> list[Approval]:
        """What was asked and not told again."""
        asked = {frame["id"]: frame for frame in self.frames if frame["type"] == "approval"}
        opened = [frame for frame in asked.values() if frame["state"] == "open"]
        return [Approval(frame["id"], frame["command"], frame.get("cwd")) for frame in opened]

    @property
    def fresh(self) -> bool:
        return len(self.frames) > self.sent or self.waiting is not None

    def take(self) -> list[Frame]:
        """Those that have not been sent."""
        unsent, self.sent = self.frames[self.sent :], len(self.frames)
        waiting, self.waiting = self.waiting, None
        return [*unsent, *([waiting] if waiting else [])]

    def again(self) -> list[Frame]:
        """Those that have."""
        return self.frames[: self.sent]

    def _frame(self, kind: str) -> Frame:
        return {**self._place(kind), "n": sum(frame["type"] == kind for frame in self.frames) + 1}

    def _place(self, kind: str) -> Frame:
        return {"type": kind, "conversationId": self.conversation_id, "turn": self.turn}


def _tool(tool: Tool) -> Frame:
    frame: Frame = {"name": tool.name, "phase": tool.phase, "summary": tool.summary[:SUMMARY_LENGTH]}
    return frame | ({"detail": tool.detail[:DETAIL_LENGTH]} if tool.detail else {})


def _approval(asked: Approval) -> Frame:
    frame: Frame = {"id": asked.id, "command": asked.command, "cwd": asked.cwd, "state": asked.state}
    frame["expiresAt"] = to_text(asked.expires_at) if asked.expires_at and asked.state == "open" else None
    return {name: value for name, value in frame.items() if value is not None}


@dataclass
class Stream:
    """The text of one turn so far, and what of it has not been framed yet. No clock, no I/O."""

    conversation_id: str
    turn: str
    text: str = ""
    n: int = 0
    _unsent: str = ""
    _void: bool = False
    _complete: bool = False
    aside: SideFrames = field(init=False)

    def __post_init__(self) -> None:
        self.aside = SideFrames(self.conversation_id, self.turn)

    def write(self, delta: Delta) -> None:
        if delta.replace:
            self.text, self._unsent, self._void = delta.text, delta.text, True
        else:
            self.text += delta.text
            self._unsent += delta.text
        self._complete = delta.last

    def note(self, event: Tool | Media | Waiting | Approval) -> None:
        """Its frame goes out behind the text that came before it."""
        self.aside.add(event)

    @property
    def dirty(self) -> bool:
        return bool(self._unsent or self._void or self.aside.fresh)

    @property
    def urgent(self) -> bool:
        """The first words, the last ones and large pieces do not wait."""
        at_once = self.n == 0 or self._complete or self.aside.fresh
        return self.dirty and (at_once or len(self._unsent) >= EARLY_BYTES)

    def take(self) -> Iterator[Frame]:
        """The frames for everything that has not been framed; numbers them."""
        unsent, void, aside = self._unsent, self._void, self.aside.take()
        self._unsent, self._void = "", False
        for piece in pieces(unsent) or ([""] if void else []):
            self.n += 1
            yield self._chunk(piece, self.n, replace=void)
            void = False
        yield from aside

    def catch_up(self) -> list[Frame]:
        """All that was framed so far, for a connection that missed some of it.

        The numbers end with the newest one, so that the next live chunk follows on; the first piece voids
        what was held.
        """
        if not self.n:
            return self.aside.again()
        # As few pieces as possible, so no more than were framed: their numbers begin at 1 at the earliest.
        parts = pieces(self.text[: len(self.text) - len(self._unsent)]) or [""]
        first = self.n - len(parts) + 1
        chunks = [self._chunk(part, first + at, replace=at == 0) for at, part in enumerate(parts)]
        return [*chunks, *self.aside.again()]

    def _chunk(self, content: str, n: int, *, replace: bool) -> Frame:
        frame: Frame = {
            "type": "stream_chunk",
            "conversationId": self.conversation_id,
            "turn": self.turn,
            "n": n,
            "content": content,
        }
        if replace:
            frame["replace"] = True
        return frame


def pieces(text: str) -> list[str]:
    """The text cut so that each piece, escaped as JSON, fits a frame; never inside a character."""
    parts: list[str] = []
    while text:
        size = _fit(text)
        parts.append(text[:size])
        text = text[size:]
    return parts


def _fit(text: str) -> int:
    """The longest beginning that fits: so no other cut of the text has fewer pieces."""
    sizes = range(1, min(len(text), CONTENT_BYTES) + 1)
    return bisect_right(sizes, CONTENT_BYTES, key=lambda size: _bytes(text[:size]))


def _bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def end(answer: Entry) -> Frame:
    """`stream_end`: the length and hash of the committed text, so that a client knows whether it has it all."""
    frame: dict[str, Any] = {
        "type": "stream_end",
        "id": answer.id,
        "conversationId": answer.conversation_id,
        "turn": answer.turn,
        "seq": answer.seq,
        "chars": len(answer.text),
        "sha256": digest(answer.text),
        "stopReason": answer.stop_reason,
        "durationMs": answer.duration_ms,
        "createdAt": to_text(answer.created_at),
    }
    if used := usage(answer):
        frame["usage"] = used
    return frame | failure(answer)


def replay(missed: Entry) -> list[Frame]:
    """A stored entry for a page that missed it: a `message`, or streamed anew where no frame could hold it."""
    whole = message(missed)
    if missed.role != "agent" or missed.turn is None or _bytes(whole) <= FRAME_BYTES:
        return [whole]
    again = Stream(missed.conversation_id, missed.turn)
    again.write(Delta(missed.text, replace=True))
    for tool in missed.tools:
        again.note(Tool(tool.name, "start", tool.summary))
        again.note(Tool(tool.name, "error" if tool.state == "failed" else "end", tool.summary, tool.detail))
    for media in missed.media:
        again.note(media)
    return [*again.take(), end(missed)]
