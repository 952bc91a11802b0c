"""The messages that a turn has in a chat: sent once, their numbers written down, what they say edited.

Calls cannot be repeated safely, but edits can. So each message is sent as a placeholder, its number is written down,
and what it says is an edit: a container that takes over after a crash edits the same messages to the same text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.domain.conversation import Entry, media_key
from chalicelib.domain.inbox import Message
from chalicelib.domain.telegram import CHANNEL
from chalicelib.domain.telegram_media import ChatFile
from chalicelib.domain.telegram_text import Words
from chalicelib.errors import ChatBusy, ChatGone, ChatRefused, ChatUnavailable, MarkupRefused, MessageGone
from chalicelib.ports import Bot, Clock, Objects
from chalicelib.tables.bubbles import Bubble
from chalicelib.tables.rows import Rows
from container.bridge.ports import Owner
from container.bridge.telegram.pace import ChatPace
from container.bridge.telegram.parts import FilePart
from container.bridge.telegram.post import Final, Post, ask, draw

log = logging.getLogger(__name__)
WAIT = Words("…")


@dataclass(frozen=True)
class ChatMessages:
    """Used by the courier's thread. Methods raise what the bot and the tables raise."""

    owner: Owner
    rows: Rows
    bot: Bot
    objects: Objects  # where the files of the answers are
    clock: Clock

    def waiting(self) -> Sequence[Message]:
        """What was asked in a chat and is not answered."""
        pending = self.rows.inbox.pending(self.owner.user_id)
        return [message for message in pending if message.channel == CHANNEL and message.reply_to]

    def look_up(self, post: Post) -> None:
        """Whose chat it is now, and what stands there already."""
        known = self.rows.links.chat(CHANNEL, str(post.of.chat))
        if known is None or known.user_id != self.owner.user_id:
            raise ChatGone("the chat is not linked any more")
        post.told.language = known.language
        self._own(post)

    def type(self, post: Post, pace: ChatPace) -> None:
        """Nothing depends on it."""
        pace.typed_at = self.clock()
        try:
            self.bot.type(post.of.chat)
        except ChatBusy:
            raise
        except (ChatRefused, ChatUnavailable) as error:
            log.info("%s", error)

    def preview(self, post: Post, pace: ChatPace) -> None:
        """What there is of the answer, or the line that says how far the start has come."""
        wanted, words = post.wanted, post.preview()
        if self._bubble(post).messages:
            if self.rows.bubbles.get(self.owner.user_id, post.of.place).epoch > self.owner.epoch:
                raise ChatGone("a newer container writes there")
            self._change(post, 0, lambda number: self._rewrite(post.of.chat, number, words))
        elif not (pace.drafts and self._draft(post, pace, words)):
            self._place(post, lambda: self._send(post.of.chat, words))
        post.told.shown, pace.spoke_at = wanted, self.clock()

    def ask(self, post: Post, pace: ChatPace) -> None:
        """A message of its own with two buttons: whoever presses one changes what it says."""
        words, buttons = ask(post.asks[0], post.told.language)
        self.bot.send(post.of.chat, words, buttons)
        post.asks.pop(0)
        pace.spoke_at = self.clock()

    def answer(self, post: Post, final: Final, pace: ChatPace) -> None:
        """The next part of the answer, where there is one."""
        if final.parts is None:
            final.parts = draw(final.answer, self._question(final.answer), post.told.language)
        if final.over:
            return
        part = final.parts[final.sent]
        final.sent += self._hand(post, final.sent, part) if isinstance(part, FilePart) else self._say(post, final, part)
        pace.spoke_at = self.clock()

    def _say(self, post: Post, final: Final, words: Words) -> bool:
        """False when it was deleted meanwhile: another message takes its place."""
        if final.sent == len(self._bubble(post).messages):
            self._place(
                post, lambda: self._send(post.of.chat, post.preview() if post.text and not final.sent else WAIT)
            )
        return self._change(post, final.sent, lambda number: self._rewrite(post.of.chat, number, words))

    def _hand(self, post: Post, index: int, part: FilePart) -> bool:
        """The same for a file."""
        chat, messages = post.of.chat, self._bubble(post).messages
        found = self.objects.get(media_key(self.owner.user_id, part.media.id))
        if found is None:
            raise ChatRefused(f"the bucket has no {part.media.id}")
        file = ChatFile(part.way.kind, part.media.name, part.media.mime_type, found.body)
        if part.way.in_place:
            if index == len(messages):
                self._place(post, lambda: self._send(chat, part.announcement))
            return self._change(post, index, lambda number: self.bot.put_file(chat, number, file))
        for number in messages[index:]:
            self._take_back(chat, number)
        self._forget(post, index)
        self._place(post, lambda: self.bot.send_file(chat, file))
        return True

    def _draft(self, post: Post, pace: ChatPace, words: Words) -> bool:
        """False where drafts are not possible: then it is a message that is edited."""
        try:
            self.bot.draft(post.of.chat, post.of.seq, words)
        except ChatBusy:
            raise
        except (ChatRefused, ChatUnavailable) as error:
            log.info("no drafts: %s", error)
            pace.drafts = False
        return pace.drafts

    def _question(self, answer: Entry) -> Entry | None:
        """What was asked on the page: here it is quoted."""
        if answer.channel == CHANNEL:
            return None
        found = self.rows.conversations.entries(
            self.owner.user_id, answer.conversation_id, after=answer.seq - 2, before=answer.seq
        )
        return found[-1] if found else None

    def _place(self, post: Post, send: Callable[[], int]) -> None:
        """A new message, written down before anything else happens to it."""
        told, bubble = post.told, self._bubble(post)
        if told.unkept is None:
            told.unkept = send()
        grown = Bubble((*bubble.messages, told.unkept), self.owner.epoch)
        if self.rows.bubbles.keep(self.owner.user_id, post.of.place, bubble, grown, self.clock()):
            told.bubble, told.unkept = grown, None
            return
        self._take_back(post.of.chat, told.unkept)
        told.unkept = None
        self._own(post)

    def _change(self, post: Post, index: int, change: Callable[[int], None]) -> bool:
        """False when there is no such message any more: another one takes its place."""
        bubble = self._bubble(post)
        if index >= len(bubble.messages):
            return False
        try:
            change(bubble.messages[index])
        except MessageGone:
            self._forget(post, index)
            return False
        return True

    def _forget(self, post: Post, index: int) -> None:
        """This message and those behind it."""
        bubble = self._bubble(post)
        if index < len(bubble.messages):
            rest = replace(bubble, messages=bubble.messages[:index])
            self.rows.bubbles.keep(self.owner.user_id, post.of.place, bubble, rest, self.clock())
            self._own(post)

    def _take_back(self, chat: int, number: int) -> None:
        with suppress(ChatRefused, ChatUnavailable):
            self.bot.delete(chat, number)

    def _bubble(self, post: Post) -> Bubble:
        assert post.told.bubble is not None, "it was not looked up"
        return post.told.bubble

    def _own(self, post: Post) -> None:
        post.told.bubble = self.rows.bubbles.own(self.owner.user_id, post.of.place, self.owner.epoch)

    def _send(self, chat: int, words: Words) -> int:
        try:
            return self.bot.send(chat, words)
        except MarkupRefused:
            return self.bot.send(chat, words.plain)

    def _rewrite(self, chat: int, number: int, words: Words) -> None:
        try:
            self.bot.edit(chat, number, words)
        except MarkupRefused:
            self.bot.edit(chat, number, words.plain)
