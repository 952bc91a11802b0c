"""What the gateway remembers between turns: what was given up, and what was cancelled before it began."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.domain.failures import CUT_OFF
from chalicelib.domain.turn import Finished, TurnEvent
from container.bridge.openclaw.driver import Link
from container.bridge.openclaw.gateway import OpenClawGateway, Platform
from container.bridge.openclaw.protocol import Notice, Opened, RunEnded
from tests.bridge.openclaw.script import EMPTY, STARTED, Reply, ScriptedLink, Time, history

KEY = "agent:main:talk"


class Desk:
    def __init__(self, **replies: list[Reply]) -> None:
        self.link = ScriptedLink(replies={name.replace("_", "."): listed for name, listed in replies.items()})
        self.time = Time(self.link)
        self.notify: Callable[[Notice], None] = lambda notice: None
        self.gateway = OpenClawGateway("", "", platform=Platform(self._connect, self.time, self.time))

    def _connect(self, url: str, token: str, notify: Callable[[Notice], None]) -> Link:
        self.notify = notify
        return self.link

    def ends(self, message_id: str, text: str, *, aborted: bool = False) -> None:
        self.time.at(0.0, lambda: self.notify(RunEnded(message_id, KEY, text, aborted)))

    def run(self, message_id: str) -> TurnEvent:
        return list(self.gateway.run("talk", message_id, "Hello", fresh=True))[-1]


def test_a_fresh_message_is_sent_without_a_question_also_behind_another() -> None:
    desk = Desk(chat_send=[STARTED])
    for message_id in ("a", "b"):
        desk.ends(message_id, "Hi")
        assert desk.run(message_id) == Finished("Hi", "stop", None)
    assert desk.link.requests == ["chat.send", "chat.history"] * 2  # each with what it cost


def test_the_message_behind_a_turn_that_failed_looks_first_and_ends_what_is_left_of_it() -> None:
    desk = Desk(chat_send=[STARTED], chat_history=[history(activeRunIds=["a"]), EMPTY])
    desk.ends("a", "Half", aborted=True)
    assert desk.run("a") == CUT_OFF
    desk.ends("b", "Hi")
    assert desk.run("b") == Finished("Hi", "stop", None)
    assert desk.link.requests[1:4] == ["chat.history", "chat.abort a", "chat.send"]


def test_only_the_next_message_pays_for_a_turn_that_failed() -> None:
    desk = Desk(chat_send=[STARTED])
    desk.ends("a", "Half", aborted=True)
    desk.run("a")
    for message_id in ("b", "c"):
        desk.ends(message_id, "Hi")
        desk.run(message_id)
    assert desk.link.requests[-2:] == ["chat.send", "chat.history"]
    assert not desk.gateway._given_up


def test_a_message_cancelled_before_its_turn_began_is_never_sent() -> None:
    desk = Desk(chat_send=[STARTED])
    desk.gateway.abort("talk", "a")
    assert desk.run("a") == Finished("", "cancelled", None)
    assert desk.link.sent == []


def test_a_cancelled_message_cancels_no_other() -> None:
    desk = Desk(chat_send=[STARTED])
    desk.gateway.abort("talk", "a")
    desk.ends("b", "Hi")
    assert desk.run("b") == Finished("Hi", "stop", None)
    assert not desk.gateway._cancelled


def test_what_was_cancelled_without_a_connection_is_ended_when_there_is_one() -> None:
    desk = Desk(chat_send=[STARTED])
    desk.time.at(0.0, lambda: setattr(desk.link, "is_open", False))
    desk.time.at(0.0, lambda: desk.gateway.abort("talk", "a"))
    desk.run("a")
    before = len(desk.link.requests)
    desk.notify(Opened("boot-1"))
    assert desk.link.requests[before:] == ["chat.abort a"]
