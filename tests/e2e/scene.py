"""One page and one conversation of a product that is hurt; what must hold afterwards, whatever happened."""

from __future__ import annotations

import uuid

from tests.e2e.cloud import Cloud
from tests.e2e.page import Frame, Page
from tests.e2e.processes import BRIDGE, running
from tests.e2e.product import Product, wait_for

COLD = 200.0  # seconds: a start on a loaded machine, twice
STORY = "[[n=60]] [[delay=0.05]]"
LAST_WORD = "w59."


def fall_asleep(page: Page) -> None:
    """Whatever it did before: the agent sleeps."""
    wait_for(lambda: page.rest("GET", "/status")["pending"] == 0, "rest", COLD)
    if page.rest("GET", "/status")["status"] != "idle":
        page.rest("POST", "/agent/stop")
    wait_for(lambda: page.rest("GET", "/status")["status"] == "idle", "sleep", 60)


class Scene:
    def __init__(self, product: Product) -> None:
        self.product = product
        self.page = Page(product.origin).open()
        self.cloud = Cloud.of(product)
        self.talk = str(uuid.uuid4())

    def say(self, text: str) -> str:
        turn = self.page.send(text, self.talk)
        self.page.acked(turn)
        return turn

    def greet(self) -> None:
        """The agent is awake, and the conversation has begun."""
        self.page.answer(self.say("hello [[n=2]]"), COLD)

    def begin(self, story: str = STORY) -> str:
        """A story whose first words are there."""
        turn = self.say(f"a story {story}")
        self.page.first_word(turn)
        return turn

    def bridge(self) -> int:
        return wait_for(lambda: running(self.product.process.pid, BRIDGE), "a bridge", COLD)[0]

    def openclaw(self) -> int:
        return wait_for(self.product.agent_pid, "OpenClaw's process", COLD)

    def told(self, code: str, patience: float = COLD) -> Frame:
        """The status that says in words what is going on."""
        return self.page.wait(lambda frame: frame.get("noteCode") == code, f"the note {code}", patience)

    def check(self, *turns: str) -> None:
        """Each message has one answer, in order; the page shows what was committed; nothing is left over."""
        for turn in turns:
            shown = self.page.answer(turn, COLD)
            assert [each["text"] for each in self._entries() if each.get("turn") == turn] == [shown]
            assert shown, "an answer without a word"
        entries = self._entries()
        assert [entry["role"] for entry in entries] == ["user", "agent"] * (len(entries) // 2)
        assert [entry["id"] for entry in entries[::2]][-len(turns) :] == list(turns)
        wait_for(self.cloud.settled, "counters at zero", COLD)  # other conversations may go on

    def remembered(self) -> int:
        """How many things the person has said, this one among them, as OpenClaw tells the model."""
        self.check(self.say("and now [[n=2]]"))
        return self.product.remembered()

    def _entries(self) -> list[Frame]:
        return self.page.history(self.talk)
