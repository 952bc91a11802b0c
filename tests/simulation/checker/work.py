"""The model is asked no more than it must be, everything comes to rest, and nothing fails in a way nobody named."""

from __future__ import annotations

from collections import Counter, defaultdict

from container.bridge.openclaw.phases import TurnLimits
from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

SLACK = 5  # tools that are used until the abort is heard
EXPECTED = ("StoreFault", "AgentUnavailable", "NotAllowed", "Fenced")


class Runs(Invariant):
    name = "the model runs at most once more than something died"

    def __init__(self) -> None:
        super().__init__()
        self._runs: Counter[str] = Counter()
        self._deaths: Counter[str] = Counter()
        self._deaths_before: dict[str, int] = {}

    def on_openclaw_died(self, event: Event) -> None:
        self._deaths[event.facts["user"]] += 1

    def on_llm_run(self, event: Event) -> None:
        user, message = event.facts["user"], event.facts["message"]
        self._runs[message] += 1
        before = self._deaths_before.setdefault(message, self._deaths[user])
        allowed = 1 + self._deaths[user] - before
        self.demand(self._runs[message] <= allowed, event, f"{message} ran {self._runs[message]} times")


class NeedlessRestart(Invariant):
    name = "OpenClaw is started again only where it does not answer"

    def on_openclaw_restarted(self, event: Event) -> None:
        self.demand(not event.facts["alive"], event, f"{event.facts['user']}: OpenClaw was alive")


class Rights(Invariant):
    name = "nobody asks for what they have no right to"

    def on_denied(self, event: Event) -> None:
        self.demand(
            False, event, f"{event.facts['action']} on {event.facts['table']} is denied to {event.facts['who']}"
        )


class Bounded(Invariant):
    name = "a turn uses no more tools than it may"

    def __init__(self) -> None:
        super().__init__()
        self._begun: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._lives: Counter[str] = Counter()  # by turn: an OpenClaw that resumes it may do so before it is heard

    def on_openclaw_died(self, event: Event) -> None:
        self._lives.update(event.facts["cut"])

    def on_push(self, event: Event) -> None:
        frame = event.facts["frame"]
        if frame.get("type") == "tool" and frame["phase"] == "start":
            begun = self._begun[event.by, frame["turn"]]
            begun.add(frame["n"])
            most = TurnLimits().calls * (1 + self._lives[frame["turn"]]) + SLACK
            self.demand(len(begun) <= most, event, f"{frame['turn']} has used {len(begun)} tools")


class OneAtATime(Invariant):
    name = "one turn at a time in a conversation, none after its answer"

    def __init__(self) -> None:
        super().__init__()
        self._answered: dict[str, float] = {}
        self._seqs: dict[str, tuple[str, int]] = {}
        self._waiting: dict[str, set[int]] = defaultdict(set)

    def on_accepted(self, event: Event) -> None:
        facts = event.facts
        self._seqs[facts["id"]] = (facts["talk"], facts["seq"])
        self._waiting[facts["talk"]].add(facts["seq"])

    def on_closed(self, event: Event) -> None:
        self._waiting[event.facts["talk"]].discard(event.facts["seq"])

    def on_llm_run(self, event: Event) -> None:
        talk, seq = self._seqs[event.facts["message"]]
        if event.facts["asked"]:
            earlier = [each for each in self._waiting[talk] if each < seq]
            self.demand(not earlier, event, f"{event.facts['message']} runs while {earlier} wait before it")


class Rest(Invariant):
    name = "in the end inbox and outbox are empty, rows Idle, no task left"

    def on_rest(self, event: Event) -> None:
        self.demand(event.facts["resting"], event, f"it never came to rest: {event.facts['left']}")


class NoSurprise(Invariant):
    name = "nothing fails in a way that nobody thought of"

    def on_thread_died(self, event: Event) -> None:
        known = event.facts["error"].startswith(EXPECTED)
        self.demand(known, event, f"{event.facts['thread']}: {event.facts['error']}")
