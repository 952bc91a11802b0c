"""A browser's page: socket, outbox, conversations; closes, comes back, resends and resumes as the real one does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain import protocol
from chalicelib.domain.identity import UserIdentity
from chalicelib.errors import NotFound, ServiceError
from tests.simulation.cloud import Cloud
from tests.simulation.network import Socket
from tests.simulation.ports import Line
from tests.simulation.scheduler import Timer
from tests.simulation.screen import Frame, Resume, Talk

ACK = 15.0
PING, PONG = 270.0, 10.0
OPEN, LOAD = 15.0, 30.0
SKEW = 5.0  # seconds that the clock of a function may be ahead
TOKEN, LONG, EARLY = timedelta(minutes=8), timedelta(hours=2), timedelta(minutes=5)  # when another is asked for


@dataclass
class Letter:
    id: str
    conversation_id: str
    text: str
    tries: int = 0


@dataclass
class Regret:
    times: int  # beginnings until then: more than one where something died
    delay: float


class Page:
    def __init__(self, line: Line, cloud: Cloud, user: str, name: str, talks: Iterable[str]) -> None:
        self._line, self._cloud = line, cloud
        self.user, self.name = user, name
        self.eager = line.random.random() < 0.3  # does not wait for one ack before the next send
        self.talks = {talk: Talk(talk) for talk in talks}
        self.status: Frame = {}
        self.letters: list[Letter] = []
        self.refused: list[Frame] = []
        self.stopping: set[str] = set()
        self.regretted: dict[str, Regret] = {}  # messages that are stopped when their turn has begun
        self.socket: Socket | None = None
        self.closed = True
        self._round = 0
        self._attempt = 0
        self._timers: dict[str, Timer] = {}
        self._identity: UserIdentity | None = None

    # What its user does

    def open(self) -> None:
        self.closed = False
        self._connect()

    def leave(self) -> None:
        """The tab is closed, or the phone is in a tunnel: it says nothing."""
        self.closed = True
        self._drop(silent=self._line.random.random() < 0.5)

    def renew(self) -> None:
        if not self.closed:
            self._drop(silent=False)
            self._connect()

    def post(self, letter: Letter) -> None:
        self.letters.append(letter)
        self._line.history.note(
            "written", user=self.user, page=self.name, id=letter.id, talk=letter.conversation_id, eager=self.eager
        )
        self._flush()

    def cancel(self, turn: str) -> None:
        self.stopping.add(turn)
        self._line.history.note("cancel", user=self.user, id=turn)
        self._send({"type": "cancel", "turn": turn})

    def load(self, talk: Talk) -> None:
        """The newest page of history, then what runs; its person tries again when it fails."""
        talk.loaded = False
        history = self._cloud.services.history
        self._plan(f"load {talk.id}", LOAD, lambda: self.load(talk))
        self._cloud.rest(
            self.user,
            "history",
            lambda: [protocol.entry(each) for each in history.page(self.user, talk.id, None, 100).entries],
            lambda found: self._loaded(talk, found),
        )

    @property
    def connected(self) -> bool:
        return self.socket is not None and self.socket.open

    # The socket

    def _connect(self) -> None:
        self._round += 1
        round_ = self._round
        self._plan("open", OPEN, self._lost)
        tickets, identity = self._cloud.services.tickets, self._renewed()
        self._cloud.rest(
            self.user, "ticket", lambda: tickets.issue(identity).ticket, lambda ticket: self._knock(round_, ticket)
        )

    def _expect_end(self, name: str) -> None:
        assert self._identity is not None
        left = (self._identity.ends_at - self._line.scheduler.clock()).total_seconds()
        self._line.scheduler.after(left - SKEW, lambda: self._line.history.note("identity_over", socket=name))

    def _renewed(self) -> UserIdentity:
        now, kept = self._line.scheduler.clock(), self._identity
        if kept is None or kept.ends_at - now < EARLY:
            life = TOKEN if self._line.faults.has_short_tokens else LONG
            kept = UserIdentity(self.user, kept.signed_in_at if kept else now, now + life)
        self._identity = kept
        return kept

    def _knock(self, round_: int, ticket: str | ServiceError) -> None:
        if round_ != self._round or isinstance(ticket, ServiceError):
            return
        name = f"{self.name}-{round_}"  # what it ends with is an attribute, in which a dot leads on
        self._expect_end(name)
        socket = Socket(name, self.user, lambda frame: self._heard(round_, frame), lambda: self._cut(round_))
        if self._line.faults.strike("connect_failed"):
            return
        self._cloud.connect(socket, ticket, lambda fine: self._opened(round_, socket, fine))

    def _opened(self, round_: int, socket: Socket, fine: bool) -> None:
        if round_ != self._round:
            self._cloud.lose(socket)
            self._cloud.disconnect(socket)
            socket.open = False
        elif not fine:
            self._lost()
        else:
            self._call_off("open")
            self.socket, self._attempt = socket, 0
            self._plan("ping", PING, self._ping)
            self._send({"type": "status"})
            for talk in self.talks.values():
                self.load(talk)
            for turn in sorted(self.stopping):
                self._send({"type": "cancel", "turn": turn})
            self._flush()

    def _cut(self, round_: int) -> None:
        if round_ == self._round:
            self._lost()

    def _lost(self) -> None:
        self._drop(silent=False)
        if not self.closed:
            self._attempt += 1
            self._plan("retry", min(30.0, 0.5 * 2**self._attempt) * self._line.random.uniform(0.5, 1), self._connect)

    def _drop(self, *, silent: bool) -> None:
        """`silent`: nobody tells the cloud."""
        self._round += 1
        for name in [each for each in self._timers if not each.startswith("load")]:
            self._call_off(name)
        socket, self.socket = self.socket, None
        if socket and socket.open:
            self._cloud.lose(socket)
            if not silent:
                socket.open = False
                self._cloud.disconnect(socket)
            else:
                self._line.scheduler.after(self._line.random.uniform(5, 60), lambda: setattr(socket, "open", False))

    def _ping(self) -> None:
        self._send({"type": "ping"})
        self._plan("pong", PONG, self.renew)
        self._plan("ping", PING, self._ping)

    def _send(self, frame: Mapping[str, Any]) -> bool:
        if not (self.socket and self.socket.open):
            return False
        self._cloud.submit(self.socket, json.dumps(frame))
        return True

    # What it hears

    def _heard(self, round_: int, frame: Frame) -> None:
        if round_ != self._round or self._is_elsewhere(frame):
            return
        kind = frame.get("type")
        self._call_off("pong")
        if kind == "status":
            self.status = frame
        elif kind == "message":
            self.talks[frame["conversationId"]].add([frame])
            self._stop_soon(frame["id"])
        elif kind is None:  # API Gateway's words: what we asked for has failed
            self._lost()
        elif react := self._reactions().get(str(kind)):
            react(frame)

    def _reactions(self) -> dict[str, Callable[[Frame], None]]:
        streamed = {"stream_chunk": self._streamed, "stream_end": self._streamed}
        return {"ack": self._acked, "error": self._refuse, "goaway": self._told_to_go, **streamed}

    def _told_to_go(self, frame: Frame) -> None:
        self._line.history.count("a page was told to come anew")
        self._plan("goaway", self._line.random.uniform(0, frame["withinMs"] / 2000), self.renew)

    def _stop_soon(self, turn: str) -> None:
        """Its person wants no more of it as soon as it begins, or begins again."""
        if regret := self.regretted.get(turn):
            regret.times -= 1
            if not regret.times:
                self._line.scheduler.after(regret.delay, lambda: self.cancel(turn))

    def _is_elsewhere(self, frame: Frame) -> bool:
        """Of a conversation that was begun in a chat."""
        return "conversationId" in frame and frame["conversationId"] not in self.talks

    def _streamed(self, frame: Frame) -> None:
        talk = self.talks[frame["conversationId"]]
        resume = talk.chunk(frame) if frame["type"] == "stream_chunk" else talk.end(frame)
        if resume:
            self._line.history.count("page asked to resume")
            self._ask(resume)

    def _acked(self, frame: Frame) -> None:
        letter = next((each for each in self.letters if each.id == frame["id"]), None)
        if letter is None:
            self._line.history.count("duplicate ack")
            return
        self.letters.remove(letter)
        self._call_off(f"ack {letter.id}")
        facts = {"id": letter.id, "conversationId": frame["conversationId"], "seq": frame["seq"], "text": letter.text}
        self.talks[frame["conversationId"]].add([{**facts, "role": "user", "status": "pending"}])
        self._flush()

    def _refuse(self, frame: Frame) -> None:
        if frame["code"] == "rate_limited":
            self._put_off(frame)
            return
        self.refused.append(frame)
        self.letters = [each for each in self.letters if each.id != frame.get("id")]
        self._flush()

    def _put_off(self, frame: Frame) -> None:
        """The message stays, its conversation waits, and others go on."""
        self._line.history.count("a message was put off")
        self._call_off(f"ack {frame['id']}")
        for letter in self.letters:
            if letter.id == frame["id"]:
                self._plan(f"again {letter.conversation_id}", frame["retryAfter"], self._flush)
        self._flush()

    def _loaded(self, talk: Talk, found: Any) -> None:
        if not isinstance(found, ServiceError):
            talk.add(found)
        if not isinstance(found, ServiceError) or isinstance(found, NotFound):
            self._call_off(f"load {talk.id}")
            talk.loaded = True
            self._ask(talk.resume())

    def _ask(self, resume: Resume) -> None:
        if self.talks[resume["conversationId"]].loaded:
            self._send(resume)

    # The outbox

    def _flush(self) -> None:
        """Sends what is not acked: the oldest one, or all of them where the page is eager."""
        free = [each for each in self.letters if f"again {each.conversation_id}" not in self._timers]
        for letter in free if self.eager else free[:1]:
            if f"ack {letter.id}" not in self._timers and self._send(_sent(letter)):
                letter.tries += 1
                if letter.tries > 1:
                    self._line.history.count("message sent again")
                self._plan(f"ack {letter.id}", ACK, self.renew)

    def _plan(self, name: str, seconds: float, job: Callable[[], None]) -> None:
        self._call_off(name)

        def run() -> None:
            self._timers.pop(name, None)
            job()

        self._timers[name] = self._line.scheduler.after(seconds, run)

    def _call_off(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()


def _sent(letter: Letter) -> dict[str, Any]:
    return {"type": "send", "id": letter.id, "conversationId": letter.conversation_id, "text": letter.text}
