"""The one that speaks to Telegram, in a thread of its own: nothing else waits for the network, nothing overtakes."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.agent import Step
from chalicelib.errors import ChatBusy, ChatGone, ChatRefused, ChatUnavailable
from chalicelib.ports import Clock
from container.bridge.mailbox import Mailbox
from container.bridge.ports import Concurrency
from container.bridge.telegram.messages import ChatMessages
from container.bridge.telegram.pace import ChatPace
from container.bridge.telegram.post import ChatTurn, Final, Post, Posts

log = logging.getLogger(__name__)
GIVE_UP = timedelta(minutes=30)  # the page has the answer all the same, and the agent may sleep
QUIET = 600.0  # seconds between looks while nothing is due


@dataclass(frozen=True)
class Reached:
    """News of the start, to be told to all that wait."""

    step: Step


@dataclass(frozen=True)
class Close:
    """There is no time for more."""


class Courier:
    """`run` is its thread, which alone calls the bot. Turns' threads change `posts`, then `ring`."""

    def __init__(self, messages: ChatMessages, concurrency: Concurrency, clock: Clock) -> None:
        self.posts = Posts()
        self._messages, self._concurrency, self._clock = messages, concurrency, clock
        self._paces: dict[int, ChatPace] = {}  # by chat
        self._mailbox: Mailbox[Reached | Close] = Mailbox(concurrency)
        self._brought = concurrency.bell()

    def start(self) -> None:
        self._concurrency.spawn(self.run, "telegram")

    def ring(self) -> None:
        """There is something to tell."""
        self._mailbox.ring()

    def reached(self, step: Step) -> None:
        self._mailbox.put(Reached(step))

    def close(self, timeout: float) -> None:
        """Answers on their way have `timeout` seconds; what is left stays in the outbox."""
        deadline = self._clock() + timedelta(seconds=timeout)
        while any(post.final for post in self.posts.all()) and self._clock() < deadline:
            self._brought.wait(0.5)
        self._mailbox.put(Close())

    def run(self) -> None:
        while self._read_mail():
            for post in self._next():
                self._attend(post)
            self._mailbox.wait(self._timeout())

    def _read_mail(self) -> bool:
        """False: it is over."""
        mail = self._mailbox.take()
        news = [each.step for each in mail if isinstance(each, Reached)]
        if news:
            self._spread(news[-1])
        return not any(isinstance(each, Close) for each in mail)

    def _next(self) -> list[Post]:
        """Whose turn it is in each chat: the oldest answer, and while there is none, all that are being written.

        So no message of another turn comes between the parts of an answer.
        """
        first: dict[int, Post] = {}
        posts = self.posts.all()
        for post in posts:
            if post.final:
                first.setdefault(post.of.chat, post)
        return [post for post in posts if first.get(post.of.chat, post) is post]

    def _timeout(self) -> float:
        due = [self._pace(post).due(post) for post in self._next()]
        return min([QUIET, *(max(0.0, (at - self._clock()).total_seconds()) for at in due if at)])

    def _pace(self, post: Post) -> ChatPace:
        return self._paces.setdefault(post.of.chat, ChatPace())

    def _spread(self, reached: Step) -> None:
        """A step of the start, to every message that has a line in its chat."""
        try:
            for message in self._messages.waiting():
                self.posts.need(ChatTurn(int(message.reply_to or 0), message.id, message.seq))
        except Exception:
            log.exception("the step %s is not told", reached)
        for post in self.posts.all():
            if not post.working and not post.final:
                post.step = reached

    def _attend(self, post: Post) -> None:
        pace = self._pace(post)
        due = pace.due(post)
        if due is None or self._clock() < due:
            return
        final = post.final  # it may come while a preview is on its way, and is not what was refused then
        try:
            self._serve(post, pace)
            pace.failures = 0
        except ChatBusy as busy:
            pace.free_at = self._clock() + timedelta(seconds=busy.seconds)
        except ChatGone as error:
            self._give_up(post, str(error))
        except ChatRefused as error:
            self._simplify(post, final, pace, error)
        except Exception as error:
            if not isinstance(error, ChatUnavailable):
                log.exception("turn %s", post.of.turn)
            self._rest(post, pace, str(error))

    def _serve(self, post: Post, pace: ChatPace) -> None:
        if post.told.bubble is None:
            self._messages.look_up(post)
        elif post.final:
            self._finish(post, post.final, pace)
        elif post.asks:
            self._messages.ask(post, pace)
        elif post.dirty or pace.fades(post, self._clock()):
            self._messages.preview(post, pace)
        else:
            self._messages.type(post, pace)

    def _finish(self, post: Post, final: Final, pace: ChatPace) -> None:
        """One part of the answer, and after the last one off the outbox."""
        self._messages.answer(post, final, pace)
        if final.over:
            final.done()
            self._end(post)

    def _simplify(self, post: Post, final: Final | None, pace: ChatPace, error: ChatRefused) -> None:
        """Refused is not sent: more simply it may pass. A preview is not worth a second try."""
        if final and final.parts:
            final.parts[final.sent] = final.parts[final.sent].plain
            self._rest(post, pace, str(error))
        elif post.asks and not final:
            post.asks.pop(0)  # the page has it
            self._rest(post, pace, str(error))
        elif post.final is final:
            self._give_up(post, str(error))

    def _rest(self, post: Post, pace: ChatPace, reason: str) -> None:
        now = self._clock()
        pace.rest(now)
        log.warning("telegram, try %s: %s", pace.failures, reason)
        if post.final and now - post.final.answer.created_at > GIVE_UP:
            self._give_up(post, reason)

    def _give_up(self, post: Post, reason: str) -> None:
        """The answer is in the history; more cannot be done for this chat."""
        log.error("turn %s is not told in its chat: %s", post.of.turn, reason)
        if self.posts.abandon(post.of.place):
            return
        with suppress(Exception):  # it stays in the outbox then, and is tried again
            if post.final:
                post.final.done()
        self._end(post)

    def _end(self, post: Post) -> None:
        self.posts.remove(post.of.place)
        self._brought.set()
