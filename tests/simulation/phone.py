"""People with Telegram: one whose chat is linked, and others who would like to be."""

from __future__ import annotations

from random import Random

from chalicelib.domain.linking import Link, Offer, Pairing
from chalicelib.store import Store
from chalicelib.tables.links import Links
from tests.fakes.clock import NOON
from tests.simulation.cloud import Cloud
from tests.simulation.ports import Line
from tests.simulation.telegram import Webhook

STOPS, COMMANDS = 0.08, 0.16  # shares of what is said
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
            self.say(self._stop() if kind < STOPS else "/status" if kind < COMMANDS else self._message())
        self.over = True

    def _stop(self) -> str:
        self._line.history.note("chat_stop", user=self._name)
        return "/stop"

    def _message(self) -> str:
        self.texts.append(f"{self._name} says T{self._said}")
        return self.texts[-1]

    def say(self, text: str) -> None:
        self._updates += 1
        person = {"id": self.chat, "is_bot": False, "first_name": self._name}
        message = {"message_id": 1, "from": person, "chat": {"id": self.chat, "type": "private"}, "text": text}
        self.webhook.put({"update_id": self._updates, "message": message})


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
