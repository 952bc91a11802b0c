"""The one that speaks to Telegram, in a thread of its own: nothing else waits for the network, nothing overtakes.

Calls cannot be repeated safely, but edits can. So each message is sent as a placeholder, its number is written down,
and what it says is an edit: a container that takes over after a crash edits the same messages to the same text.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.agent import Step
from chalicelib.domain.conversation import Entry
from chalicelib.domain.telegram import CHANNEL
from chalicelib.domain.telegram_text import Words
from chalicelib.errors import ChatBusy, ChatGone, ChatRefused, ChatUnavailable, MarkupRefused, MessageGone
from chalicelib.ports import Bot, Clock
from chalicelib.tables.bubbles import Bubble
from chalicelib.tables.rows import Rows
from container.bridge.ports import Concurrency
from container.bridge.telegram.pace import Chat
from container.bridge.telegram.post import Final, Post, draw

log = logging.getLogger(__name__)
GIVE_UP = timedelta(minutes=30)  # the page has the answer all the same, and the agent may sleep
QUIET = 600.0  # seconds between looks while nothing is due
WAIT = Words("…")


class Courier:
    def __init__(self, user_id: str, epoch: int, rows: Rows, bot: Bot, concurrency: Concurrency, clock: Clock) -> None:
        self._user_id, self._epoch, self._rows, self._bot = user_id, epoch, rows, bot
        self._concurrency, self._clock = concurrency, clock
        self._posts: dict[str, Post] = {}
        self._chats: dict[int, Chat] = {}
        self._stage: Step | None = None  # news of the start, to be told to all that wait
        self._begun = self._over = False
        self._news, self._brought = concurrency.signal(), concurrency.signal()

    def find(self, place: str) -> Post | None:
        return self._posts.get(place)

    def put(self, post: Post) -> None:
        self._posts[post.place] = post
        self.ring()

    def drop(self, turn: str) -> None:
        """The turn goes on elsewhere; what stands in the chat stays."""
        self._posts.pop(turn, None)

    def tell(self, reached: Step) -> None:
        self._stage = reached
        self.ring()

    def ring(self) -> None:
        if not self._begun:
            self._begun = True
            self._concurrency.spawn(self._work, "telegram")
        self._news.set()

    def close(self, timeout: float) -> None:
        """Answers on their way have `timeout` seconds; what is left stays in the outbox."""
        deadline = self._clock() + timedelta(seconds=timeout)
        while any(post.final for post in list(self._posts.values())) and self._clock() < deadline:
            self._brought.wait(0.5)
        self._over = True
        self._news.set()

    def _work(self) -> None:
        while not self._over:
            self._spread()
            for post in self._next():
                self._attend(post)
            self._news.wait(self._timeout())

    def _next(self) -> list[Post]:
        """Whose turn it is in each chat: the oldest answer, and while there is none, all that are being written.

        So no message of another turn comes between the parts of an answer.
        """
        first: dict[int, Post] = {}
        posts = sorted(self._posts.values(), key=lambda post: post.seq)
        for post in posts:
            if post.final:
                first.setdefault(post.chat, post)
        return [post for post in posts if first.get(post.chat, post) is post]

    def _timeout(self) -> float:
        if self._stage:
            return 0.0
        due = [self._chat(post).due(post) for post in self._next()]
        return min([QUIET, *(max(0.0, (at - self._clock()).total_seconds()) for at in due if at)])

    def _chat(self, post: Post) -> Chat:
        return self._chats.setdefault(post.chat, Chat())

    def _spread(self) -> None:
        """A stage of the start, to every message that has a line in its chat."""
        reached, self._stage = self._stage, None
        if reached is None:
            return
        try:
            for message in self._rows.inbox.pending(self._user_id):
                if message.channel == CHANNEL and message.reply_to and message.id not in self._posts:
                    self._posts[message.id] = Post(int(message.reply_to), message.id, message.seq)
        except Exception:
            log.exception("the stage %s is not told", reached)
        for post in list(self._posts.values()):
            if not post.working and not post.final:
                post.stage = reached

    def _attend(self, post: Post) -> None:
        chat = self._chat(post)
        due = chat.due(post)
        if due is None or self._clock() < due:
            return
        final = post.final  # it may come while a preview is on its way, and is not what was refused then
        try:
            self._serve(post, chat)
            chat.failures = 0
        except ChatBusy as busy:
            chat.free_at = self._clock() + timedelta(seconds=busy.seconds)
        except ChatGone as error:
            self._give_up(post, str(error))
        except ChatRefused as error:
            self._simplify(post, final, chat, error)
        except Exception as error:
            if not isinstance(error, ChatUnavailable):
                log.exception("turn %s", post.turn)
            self._rest(post, chat, str(error))

    def _simplify(self, post: Post, final: Final | None, chat: Chat, error: ChatRefused) -> None:
        """Refused is not sent: without its markup it may pass. A preview is not worth a second try."""
        if final and final.parts:
            final.parts = [part.plain for part in final.parts]
            self._rest(post, chat, str(error))
        elif post.final is final:
            self._give_up(post, str(error))

    def _rest(self, post: Post, chat: Chat, reason: str) -> None:
        now = self._clock()
        chat.rest(now)
        log.warning("telegram, try %s: %s", chat.failures, reason)
        if post.final and now - post.final.answer.created_at > GIVE_UP:
            self._give_up(post, reason)

    def _give_up(self, post: Post, reason: str) -> None:
        """The answer is in the history; more cannot be done for this chat."""
        log.error("turn %s is not told in its chat: %s", post.turn, reason)
        if not post.final:
            self._posts.pop(post.place, None)
            return
        with suppress(Exception):  # it stays in the outbox then, and is tried again
            post.final.done()
        self._end(post)

    def _end(self, post: Post) -> None:
        self._posts.pop(post.place, None)
        self._brought.set()

    def _serve(self, post: Post, chat: Chat) -> None:
        if post.bubble is None:
            self._look_up(post)
        elif post.final:
            self._finish(post, post.final)
        elif post.dirty or chat.fades(post, self._clock()):
            self._show(post, chat)
        else:
            chat.typed_at = self._clock()
            self._type(post.chat)

    def _type(self, chat: int) -> None:
        """Nothing depends on it."""
        try:
            self._bot.type(chat)
        except ChatBusy:
            raise
        except (ChatRefused, ChatUnavailable) as error:
            log.info("%s", error)

    def _look_up(self, post: Post) -> None:
        """Whose chat it is now, and what stands there already."""
        known = self._rows.links.chat(CHANNEL, str(post.chat))
        if known is None or known.user_id != self._user_id:
            raise ChatGone("the chat is not linked any more")
        post.language = known.language
        post.bubble = self._rows.bubbles.own(self._user_id, post.place, self._epoch)

    def _show(self, post: Post, chat: Chat) -> None:
        wanted, words = post.wanted, post.preview()
        assert post.bubble is not None
        if post.bubble.messages:
            if self._rows.bubbles.get(self._user_id, post.place).epoch > self._epoch:
                raise ChatGone("a newer container writes there")
            self._edit(post, 0, words)
        elif not (chat.drafts and self._draft(post, chat, words)):
            self._place(post, words)
        post.shown, chat.spoke_at = wanted, self._clock()

    def _draft(self, post: Post, chat: Chat, words: Words) -> bool:
        """False where drafts are not possible: then it is a message that is edited."""
        try:
            self._bot.draft(post.chat, post.seq, words)
        except ChatBusy:
            raise
        except (ChatRefused, ChatUnavailable) as error:
            log.info("no drafts: %s", error)
            chat.drafts = False
        return chat.drafts

    def _finish(self, post: Post, final: Final) -> None:
        """One part of the answer, and after the last one off the outbox."""
        if final.parts is None:
            final.parts = draw(final.answer, self._question(final.answer), post.language)
        if not final.over:
            assert post.bubble is not None
            if final.sent == len(post.bubble.messages):
                self._place(post, post.preview() if post.text and not final.sent else WAIT)
            if self._edit(post, final.sent, final.parts[final.sent]):
                final.sent += 1
            self._chat(post).spoke_at = self._clock()
        if final.over:
            final.done()
            self._end(post)

    def _question(self, answer: Entry) -> Entry | None:
        """What was asked on the page: here it is quoted."""
        if answer.channel == CHANNEL:
            return None
        found = self._rows.conversations.entries(
            self._user_id, answer.conversation_id, after=answer.seq - 2, before=answer.seq
        )
        return found[-1] if found else None

    def _place(self, post: Post, words: Words) -> None:
        """A new message, written down before anything else happens to it."""
        assert post.bubble is not None
        if post.unkept is None:
            post.unkept = self._send(post.chat, words)
        grown = Bubble((*post.bubble.messages, post.unkept), self._epoch)
        if self._rows.bubbles.keep(self._user_id, post.place, post.bubble, grown, self._clock()):
            post.bubble, post.unkept = grown, None
            return
        with suppress(ChatRefused, ChatUnavailable):
            self._bot.delete(post.chat, post.unkept)
        post.unkept = None
        post.bubble = self._rows.bubbles.own(self._user_id, post.place, self._epoch)

    def _send(self, chat: int, words: Words) -> int:
        try:
            return self._bot.send(chat, words)
        except MarkupRefused:
            return self._bot.send(chat, words.plain)

    def _edit(self, post: Post, index: int, words: Words) -> bool:
        """False when there is no such message any more: another one takes its place."""
        assert post.bubble is not None
        if index >= len(post.bubble.messages):
            return False
        try:
            self._rewrite(post.chat, post.bubble.messages[index], words)
        except MessageGone:
            rest = replace(post.bubble, messages=post.bubble.messages[:index])
            self._rows.bubbles.keep(self._user_id, post.place, post.bubble, rest, self._clock())
            post.bubble = self._rows.bubbles.own(self._user_id, post.place, self._epoch)
            return False
        return True

    def _rewrite(self, chat: int, number: int, words: Words) -> None:
        try:
            self._bot.edit(chat, number, words)
        except MarkupRefused:
            self._bot.edit(chat, number, words.plain)
