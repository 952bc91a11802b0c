"""What one turn shows in one chat: a status line, then the answer as it grows, then the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.agent import Step
from chalicelib.domain.conversation import Entry
from chalicelib.domain.failure_words import explain
from chalicelib.domain.telegram_text import LIMIT, Entity, Words, join, split, tail, units
from chalicelib.domain.telegram_words import say, warn
from chalicelib.domain.telegram_words import step as describe
from chalicelib.domain.turn import Approval
from chalicelib.ports import Button
from chalicelib.tables.bubbles import Bubble
from container.bridge.telegram.markup import render
from container.bridge.telegram.parts import Part, file_parts

CURSOR = " ▌"  # stands behind an answer that is not all there
ROOM = LIMIT - len(CURSOR)


@dataclass
class Final:
    """The committed answer on its way."""

    answer: Entry
    done: Callable[[], object]
    parts: list[Part] | None = None  # drawn by the courier
    sent: int = 0

    @property
    def over(self) -> bool:
        return self.parts is not None and self.sent == len(self.parts)


@dataclass(frozen=True)
class ChatTurn:
    """A turn as one chat sees it."""

    chat: int
    turn: str
    seq: int
    mirror: bool = False  # it was asked elsewhere

    @property
    def place(self) -> str:
        """Which of the turn's places it is: where it was asked, or a chat that mirrors."""
        return f"{self.turn}#{self.chat}" if self.mirror else self.turn


@dataclass
class Told:
    """What stands in the chat, as far as the courier knows; its thread alone reads and writes it."""

    bubble: Bubble | None = None  # None: not looked up yet
    unkept: int | None = None  # a message that was sent and is not written down
    language: str = "en"
    shown: tuple[Step | None, str] | None = None


@dataclass
class Post:
    """The turn's thread says what should be there, by setting a field; the courier changes what is."""

    of: ChatTurn
    step: Step | None = None  # of the start, while there is no word of the answer
    text: str = ""  # the answer so far
    working: bool = False  # somebody is writing it
    asks: list[Approval] = field(default_factory=list)  # decisions that the agent waits for, to be told
    final: Final | None = None
    told: Told = field(default_factory=Told)

    @property
    def wanted(self) -> tuple[Step | None, str] | None:
        """None: nothing that could be shown, because a line alone is no reason for a message."""
        has_message = self.told.bubble is not None and self.told.bubble.messages
        return (self.step, self.text) if self.text or (self.step and has_message) else None

    @property
    def dirty(self) -> bool:
        return self.wanted is not None and self.wanted != self.told.shown

    def preview(self) -> Words:
        """The answer so far as it will look, or its end where it does not fit one message."""
        text = self.text
        if not text:
            return Words(describe(self.told.language, self.step))
        drawn = render(text)
        if units(drawn.text) <= ROOM:
            return Words(drawn.text + CURSOR, drawn.entities)
        return Words(tail(text, ROOM) + CURSOR)


class Posts:
    """What is being told, by place. Turns' threads and the courier's change it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # of the collection, not of what is in it
        self._posts: dict[str, Post] = {}

    def all(self) -> list[Post]:
        """Oldest answer first."""
        with self._lock:
            return sorted(self._posts.values(), key=lambda post: post.of.seq)

    def find(self, place: str) -> Post | None:
        with self._lock:
            return self._posts.get(place)

    def need(self, of: ChatTurn) -> Post:
        """The one that is there, or a new one."""
        with self._lock:
            return self._posts.setdefault(of.place, Post(of))

    def finish(self, of: ChatTurn, final: Final) -> None:
        with self._lock:
            self._posts.setdefault(of.place, Post(of)).final = final

    def remove(self, place: str) -> None:
        with self._lock:
            self._posts.pop(place, None)

    def abandon(self, place: str) -> bool:
        """Removed, unless its answer is there: then somebody waits for it."""
        with self._lock:
            post = self._posts.get(place)
            if post and post.final:
                return False
            self._posts.pop(place, None)
            return True


def ask(approval: Approval, language: str) -> tuple[Words, Sequence[Button]]:
    head = f"{say(language, 'asks')}\n\n"
    words = Words(head + approval.command, (Entity("pre", units(head), units(approval.command)),))
    return words, [Button(say(language, each), f"{each}:{approval.id}") for each in ("allow", "deny")]


def draw(answer: Entry, question: Entry | None, language: str) -> list[Part]:
    """The messages that are the answer; under its question where that was not asked in this chat."""
    words = Words(warn(answer, language)) if answer.role == "notice" else _said(answer, language)
    texts = split(join(_quote(question.text, language), words) if question else words)
    return [*texts, *file_parts(answer.media, language)]


def _said(answer: Entry, language: str) -> Words:
    words, end = render(answer.text), _ending(answer, language)
    if end:
        return join(words, Words(end)) if words.text.strip() else Words(end)
    return words if words.text.strip() or answer.media else Words(say(language, "silence"))


def _ending(answer: Entry, language: str) -> str:
    """Of an answer that is not whole."""
    if answer.status == "cancelled":
        return say(language, "cancelled")
    match answer.stop_reason:
        case "length" | "declined":
            return say(language, answer.stop_reason)
        case "broken":
            why = explain(language, answer.error_key, answer.error_params)
            return f"{say(language, 'broken')} {why}".strip()
    return ""


def _quote(text: str, language: str) -> Words:
    head = f"🖥 {say(language, 'from_web')}\n"
    return Words(head + text, (Entity("expandable_blockquote", units(head), units(text)),))
