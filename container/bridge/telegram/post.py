"""What one turn shows in one chat: a status line, then the answer as it grows, then the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.agent import Step
from chalicelib.domain.conversation import Entry
from chalicelib.domain.telegram_text import LIMIT, Entity, Words, join, split, tail, units
from chalicelib.domain.telegram_words import say, step
from chalicelib.tables.bubbles import Bubble
from container.bridge.telegram.markup import render

CURSOR = " ▌"  # stands behind an answer that is not all there
ROOM = LIMIT - len(CURSOR)


@dataclass
class Final:
    """The committed answer on its way."""

    answer: Entry
    done: Callable[[], object]
    parts: list[Words] | None = None  # drawn by the courier
    sent: int = 0

    @property
    def over(self) -> bool:
        return self.parts is not None and self.sent == len(self.parts)


@dataclass
class Post:
    """The turn's thread says what should be there; the courier alone finds out and changes what is."""

    chat: int
    turn: str
    seq: int
    stage: Step | None = None  # of the start, while there is no word of the answer
    text: str = ""  # the answer so far
    working: bool = False  # somebody is writing it
    final: Final | None = None
    bubble: Bubble | None = None  # None: not looked up yet
    unkept: int | None = None  # a message that was sent and is not written down
    language: str = "en"
    mirror: bool = False  # this was asked elsewhere
    shown: tuple[Step | None, str] | None = None

    @property
    def place(self) -> str:
        """Which of the turn's places it is: where it was asked, or a chat that mirrors."""
        return mirrored(self.turn, self.chat) if self.mirror else self.turn

    @property
    def wanted(self) -> tuple[Step | None, str] | None:
        """None: nothing that could be shown, because a line alone is no reason for a message."""
        has_message = self.bubble is not None and self.bubble.messages
        return (self.stage, self.text) if self.text or (self.stage and has_message) else None

    @property
    def dirty(self) -> bool:
        return self.wanted is not None and self.wanted != self.shown

    def preview(self) -> Words:
        """The answer so far as it will look, or its end where it does not fit one message."""
        text = self.text
        if not text:
            return Words(step(self.language, self.stage))
        drawn = render(text)
        if units(drawn.text) <= ROOM:
            return Words(drawn.text + CURSOR, drawn.entities)
        return Words(tail(text, ROOM) + CURSOR)


def mirrored(turn: str, chat: int) -> str:
    return f"{turn}#{chat}"


def draw(answer: Entry, question: Entry | None, language: str) -> list[Words]:
    """The messages that are the answer; under its question where that was not asked in this chat."""
    words = render(answer.text) if answer.role == "agent" else Words(f"⚠️ {answer.text}")
    if answer.status == "cancelled":
        words = join(words, Words(say(language, "cancelled")))
    if not words.text.strip():
        words = Words(say(language, "silence"))
    return split(join(_quote(question.text, language), words) if question else words)


def _quote(text: str, language: str) -> Words:
    head = f"🖥 {say(language, 'from_web')}\n"
    return Words(head + text, (Entity("expandable_blockquote", units(head), units(text)),))
