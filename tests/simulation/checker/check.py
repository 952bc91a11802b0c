"""Reads a history through all invariants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from tests.simulation.checker import agents, chats, delivery, memory, shown, stops, tasks, work
from tests.simulation.checker.invariant import Invariant, Violation
from tests.simulation.checker.tables import meanings
from tests.simulation.history import Event

INVARIANTS: tuple[type[Invariant], ...] = (
    delivery.Acknowledged,
    delivery.Answered,
    delivery.OneCommit,
    delivery.Order,
    delivery.TrueAnswer,
    delivery.NothingThrownAway,
    delivery.NeverRefused,
    shown.Delivered,
    shown.StreamEnd,
    shown.Rendered,
    shown.RenderedAtOnce,
    shown.StatusShown,
    shown.Outlived,
    shown.OwnEyes,
    shown.Secrets,
    shown.Admitted,
    agents.Steps,
    agents.Counters,
    agents.OldEpoch,
    agents.Claims,
    tasks.OneOwner,
    tasks.OneTask,
    tasks.TrulyGone,
    tasks.BusyStop,
    tasks.OwnWorkStop,
    tasks.NoneForgotten,
    tasks.Terminated,
    memory.Linear,
    memory.Whole,
    memory.NothingOverSomething,
    memory.Remembers,
    stops.NothingSent,
    stops.OverAtOnce,
    stops.Halted,
    work.Runs,
    work.NeedlessRestart,
    work.Rights,
    work.Bounded,
    work.OneAtATime,
    work.Rest,
    work.NoSurprise,
    chats.Chats,
    chats.Taken,
    chats.Together,
    chats.Outsiders,
)


def check(events: Iterable[Event]) -> list[Violation]:
    """All violations, in order of time."""
    invariants = [kind() for kind in INVARIANTS]
    listeners: dict[str, list[Callable[[Event], None]]] = defaultdict(list)
    for invariant in invariants:
        for name in dir(invariant):
            if name.startswith("on_"):
                listeners[name.removeprefix("on_")].append(getattr(invariant, name))
    for event in events:
        if event.kind == "write":
            for meaning in meanings(event):
                for listen in listeners[meaning.kind]:
                    listen(meaning)
            _tell(listeners["written_all"], event)
        else:
            _tell(listeners[event.kind], event)
    found = [violation for invariant in invariants for violation in invariant.violations]
    return sorted(found, key=lambda violation: violation.at)


def _tell(listeners: Iterable[Callable[[Event], None]], event: Event) -> None:
    for listen in listeners:
        listen(event)
