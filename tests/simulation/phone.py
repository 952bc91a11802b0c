"""People with Telegram: one whose chat is linked, and others who would like to be."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from chalicelib.domain.linking import Link, Offer, Pairing
from chalicelib.store import Store
from chalicelib.tables.links import Links
from tests.fakes.clock import NOON
from tests.simulation.cloud import Cloud
from tests.simulation.ports import Line
from tests.simulation.telegram import Webhook

STOPS, COMMANDS, GROUPS = 0.08, 0.16, 0.5  # shares of what is said
LONG = "x" * 2100  # so much that an app may have cut behind it
PAUSES = (0.05, 1.0, 5.0, 40.0, 130.0, 200.0)


def link(store: Store, user: str, chat: int, talk: str) -> None:
    """As if it had been linked long ago."""
    asking = Link(user, "telegram", str(chat), user, None, "asked", NOON)
    pairing = Pairing(user, "telegram", (f"{user}'s",), NOON)
    links = Links(store)
    links.offer(pairing)
    assert links.ask(pairing, asking)
    assert links.confirm(asking, talk, NOON)


class Phone:
    def __init__(self, line: Line, cloud: Cloud, name: str, chat: int, seed: str) -> None:
        self._line, self._cloud, self._name, self.chat = line, cloud, name, chat
        self._dice = Random(seed)
        self.webhook = Webhook(line, cloud)
        self._updates = chat * 1000
        self._said = 0
        self.texts: list[str] = []  # messages, no commands
        self.over = False

    @property
    def quiet(self) -> bool:
        return self.over and self.webhook.quiet

    def live(self) -> None:
        for _ in range(self._dice.choice((1, 2, 4, 7))):
            self._line.scheduler.pause(self._dice.choice(PAUSES) * self._dice.uniform(0.5, 1.5))
            self._said += 1
            kind = self._dice.random()
            if COMMANDS <= kind < GROUPS:
                self._say_together()
            else:
                self.say(self._stop() if kind < STOPS else "/status" if kind < COMMANDS else self._message())
        self.over = True

    def _stop(self) -> str:
        self._line.history.note("chat_stop", user=self._name)
        return "/stop"

    def _message(self) -> str:
        self.texts.append(f"{self._name} says T{self._said};")
        return self.texts[-1]

    def say(self, text: str) -> None:
        self.webhook.put(self._update(text=text))

    def _say_together(self) -> None:
        """An album, or a text that the app has cut; the last part may be late, and their order is Telegram's."""
        parts = [f"{self._name} says P{self._said}.{number};" for number in range(self._dice.choice((2, 3, 3, 5)))]
        self.texts += parts
        album = self._dice.random() < 0.5
        updates = [self._photo(part) for part in parts] if album else list(self._cut(parts))
        if self._dice.random() < 0.3:
            self._dice.shuffle(updates)
        last = updates.pop() if self._dice.random() < 0.3 else None
        for update in updates:
            self.webhook.put(update, in_line=False)
        if last:
            self._line.scheduler.pause(self._dice.choice((0.5, 2.0, 8.0, 60.0)) * self._dice.uniform(0.5, 1.5))
            self.webhook.put(last)

    def _photo(self, caption: str) -> dict[str, Any]:
        size = {"file_id": f"file-{self._said}", "width": 9, "height": 9, "file_size": 3}
        return self._update(photo=[size], caption=f"{caption} (album)", media_group_id=f"{self.chat}-{self._said}")

    def _cut(self, parts: list[str]) -> Iterator[dict[str, Any]]:
        for part in parts:
            yield self._update(text=part if part == parts[-1] else f"{part} {LONG}")

    def _update(self, **fields: Any) -> dict[str, Any]:
        self._updates += 1
        person = {"id": self.chat, "is_bot": False, "first_name": self._name}
        chat, sent = {"id": self.chat, "type": "private"}, int(self._line.scheduler.now)
        message = {"message_id": self._updates, "date": sent, "from": person, "chat": chat, **fields}
        return {"update_id": self._updates, "message": message}


class Impostor(Phone):
    """Talks like anybody, guesses codes, and finds one that is too old."""

    def live(self) -> None:
        self.say("Hello?")
        self._line.scheduler.pause(150)
        self._cloud.rest("ada", "offer", lambda: self._cloud.services.linking.offer("ada", "telegram"), self._overhear)
        for _ in range(6):
            self._line.scheduler.pause(self._dice.uniform(5, 60))
            self.say(self._dice.choice(("AAAA-AAAA", "Hello??", "/wake", "/status")))
        self.over = True

    def _overhear(self, offer: object) -> None:
        if isinstance(offer, Offer):
            self._line.scheduler.after(700.0, lambda: self.say(offer.code))


class Guesser(Phone):
    """Has all the codes of the world, one after the other; the right one comes last."""

    def live(self) -> None:
        offer = lambda: self._cloud.services.linking.offer("ada", "telegram")  # noqa: E731
        self._line.scheduler.pause(60)
        self._cloud.rest("ada", "offer", offer, self._guess)
        self.over = True

    def _guess(self, offer: object) -> None:
        if isinstance(offer, Offer):
            for wrong in range(8):
                self.say(f"AAAA-AA{'ABCDEFGH'[wrong]}A")
            self.say(offer.code)
