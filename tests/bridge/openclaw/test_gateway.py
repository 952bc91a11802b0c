"""What the gateway remembers between turns: what was given up, and what was cancelled before it began."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.domain.failures import CUT_OFF
from chalicelib.domain.turn import Approval, Finished, TurnEvent
from container.bridge.openclaw.approvals import read_asked
from container.bridge.openclaw.driver import GatewayLink
from container.bridge.openclaw.gateway import OpenClawGateway, Platform
from container.bridge.openclaw.protocol import Notice, Opened, RunAsked, RunEnded
from tests.bridge.openclaw.script import EMPTY, STARTED, Reply, ScriptedLink, Time, asked, history

KEY = "agent:main:talk"


class Bench:
    def __init__(self, **replies: list[Reply]) -> None:
        self.link = ScriptedLink(replies={name.replace("_", "."): listed for name, listed in replies.items()})
        self.time = Time(self.link)
        self.notify: Callable[[Notice], None] = lambda notice: None
        self.gateway = OpenClawGateway("", "", platform=Platform(self._connect, self.time, self.time))

    def _connect(self, url: str, token: str, notify: Callable[[Notice], None]) -> GatewayLink:
        self.notify = notify
        return self.link

    def ends(self, message_id: str, text: str, *, aborted: bool = False) -> None:
        self.time.at(0.0, lambda: self.notify(RunEnded(message_id, KEY, text, aborted)))

    def run(self, message_id: str) -> TurnEvent:
        return list(self.gateway.run("talk", message_id, "Hello", fresh=True))[-1]


def test_a_fresh_message_is_sent_without_a_question_also_behind_another() -> None:
    bench = Bench(chat_send=[STARTED])
    for message_id in ("a", "b"):
        bench.ends(message_id, "Hi")
        assert bench.run(message_id) == Finished("Hi", "stop", None)
    assert bench.link.requests == ["chat.send", "chat.history"] * 2  # each with what it cost


def test_the_message_behind_a_turn_that_failed_looks_first_and_ends_what_is_left_of_it() -> None:
    bench = Bench(chat_send=[STARTED], chat_history=[history(activeRunIds=["a"]), EMPTY])
    bench.ends("a", "", aborted=True)
    assert bench.run("a") == CUT_OFF
    bench.ends("b", "Hi")
    assert bench.run("b") == Finished("Hi", "stop", None)
    assert bench.link.requests[1:4] == ["chat.history", "chat.abort a", "chat.send"]


def test_an_abort_that_is_confirmed_late_is_no_interruption_of_the_same_message() -> None:
    flying = {"inFlightRun": {"runId": "a", "text": "One"}, "messages": [asked("a")]}
    bench = Bench(chat_send=[STARTED], chat_history=[flying, EMPTY])
    bench.time.at(0.0, lambda: bench.gateway.abort("talk", "a"))
    assert bench.run("a") == Finished("", "cancelled", None)
    bench.ends("a", "One two", aborted=True)
    assert bench.run("a") == Finished("One two", "cancelled", None)
    assert bench.link.sent == ["a"]


def test_only_the_next_message_pays_for_a_turn_that_failed() -> None:
    bench = Bench(chat_send=[STARTED])
    bench.ends("a", "Half", aborted=True)
    bench.run("a")
    for message_id in ("b", "c"):
        bench.ends(message_id, "Hi")
        bench.run(message_id)
    assert bench.link.requests[-2:] == ["chat.send", "chat.history"]
    assert not bench.gateway._left.given_up


def test_a_message_cancelled_before_its_turn_began_is_never_sent() -> None:
    bench = Bench(chat_send=[STARTED])
    bench.gateway.abort("talk", "a")
    assert bench.run("a") == Finished("", "cancelled", None)
    assert bench.link.sent == []


def test_a_cancelled_message_cancels_no_other() -> None:
    bench = Bench(chat_send=[STARTED])
    bench.gateway.abort("talk", "a")
    bench.ends("b", "Hi")
    assert bench.run("b") == Finished("Hi", "stop", None)
    assert not bench.gateway._left.cancelled


def test_what_was_cancelled_without_a_connection_is_ended_when_there_is_one() -> None:
    bench = Bench(chat_send=[STARTED])
    bench.time.at(0.0, lambda: setattr(bench.link, "is_open", False))
    bench.time.at(0.0, lambda: bench.gateway.abort("talk", "a"))
    bench.run("a")
    before = len(bench.link.requests)
    bench.notify(Opened("boot-1"))
    assert [each for each in bench.link.requests[before:] if "approval" not in each] == ["chat.abort a"]


def asks(session: str, command: str = "ls") -> RunAsked:
    asked = read_asked("exec", {"id": "q", "request": {"command": command, "runId": "a", "sessionKey": session}})
    assert asked
    return RunAsked("a", session, asked)


def asked_in(events: list[TurnEvent]) -> list[Approval]:
    return [each for each in events if isinstance(each, Approval)]


ALLOWED = {"applied": True, "approval": {"decision": "allow-once"}}


def test_a_decision_is_told_and_what_openclaw_says_to_it_is_its_end() -> None:
    bench = Bench(chat_send=[STARTED], approval_resolve=[ALLOWED])
    question = asks(KEY)
    bench.time.at(0.0, lambda: bench.notify(question))
    bench.time.at(0.1, lambda: bench.gateway.decide(question.asked.approval.id, "allow"))
    bench.time.at(0.2, lambda: bench.gateway.decide(question.asked.approval.id, "deny"))
    bench.time.at(0.3, lambda: bench.notify(RunEnded("a", KEY, "Hi", False)))
    shown = asked_in(list(bench.gateway.run("talk", "a", "Hello", fresh=True)))
    assert [each.state for each in shown] == ["open", "allowed"]
    assert [each for each in bench.link.requests if "approval" in each] == ["approval.resolve allow-once"]


def test_what_nobody_decided_ends_with_its_run() -> None:
    bench = Bench(chat_send=[STARTED])
    bench.time.at(0.0, lambda: bench.notify(asks(KEY)))
    bench.ends("a", "Hi")
    shown = asked_in(list(bench.gateway.run("talk", "a", "Hello", fresh=True)))
    assert [each.state for each in shown] == ["open", "expired"]
    bench.gateway.decide("another", "allow")
    assert not any("approval" in each for each in bench.link.requests)


@pytest.mark.parametrize(("session", "command"), [("agent:main:cron:job", "ls"), (KEY, "x" * 4000)])
def test_what_nobody_could_see_is_denied_at_once(session: str, command: str) -> None:
    bench = Bench()
    bench.notify(asks(session, command))
    assert bench.link.requests == ["approval.resolve deny"]


def test_a_command_that_is_too_long_to_show_is_told_as_denied_and_never_as_a_question() -> None:
    bench = Bench(chat_send=[STARTED], approval_resolve=[{"applied": True, "approval": {"decision": "deny"}}])
    bench.time.at(0.0, lambda: bench.notify(asks(KEY, "x" * 4000)))
    bench.ends("a", "Hi")
    shown = asked_in(list(bench.gateway.run("talk", "a", "Hello", fresh=True)))
    assert [each.state for each in shown] == ["denied"]
