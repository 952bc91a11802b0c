from __future__ import annotations

import pytest

from tests.simulation.concurrency import Actors
from tests.simulation.scheduler import Process, Scheduler


def scheduler() -> Scheduler:
    return Scheduler(lambda process, name, error: pytest.fail(f"{name}: {error!r}"))


def test_who_sleeps_less_goes_on_first() -> None:
    world, told = scheduler(), list[str]()

    def work(name: str, seconds: float) -> None:
        world.pause(seconds)
        told.append(f"{name} at {world.now:g}")

    world.spawn(Process("a"), lambda: work("slow", 5), "slow")
    world.spawn(Process("b"), lambda: work("quick", 2), "quick")
    world.run(10)
    assert told == ["quick at 2", "slow at 5"]


def test_nothing_of_a_killed_process_has_an_effect_after_its_death() -> None:
    world, told, victim = scheduler(), list[str](), Process("victim")

    def work() -> None:
        try:
            world.pause(5)
        finally:
            told.append("the memory of the process still sees this")
            world.pause(0)
            told.append("the world never does")

    world.spawn(victim, work, "work")
    world.after(1, lambda: world.kill(victim))
    world.run(10)
    assert told == ["the memory of the process still sees this"]


def test_a_killed_process_leaves_no_thread_in_memory() -> None:
    """A greenlet that nobody ends keeps its whole world for ever: a long run would fill the machine."""
    world, victim, ended = scheduler(), Process("victim"), list[int]()

    def work(number: int) -> None:
        try:
            world.pause(5)
        finally:
            ended.append(number)

    for number in range(4):
        world.spawn(victim, lambda number=number: work(number), "work")  # type: ignore[misc]
    world.after(1, lambda: world.kill(victim))
    world.run(10)
    assert sorted(ended) == [0, 1, 2, 3]


def test_a_bell_wakes_who_waits_and_stays_rung_for_who_comes_later() -> None:
    world, heard, process = scheduler(), list[object](), Process("a")
    actors = Actors(world, process)
    bell = actors.bell()

    def listen() -> None:
        for _ in range(3):
            heard.append((bell.wait(10), world.now))

    actors.spawn(listen, "listen")
    world.after(4, bell.set)
    world.after(4, bell.set)
    world.run(100)
    assert heard == [(True, 4), (False, 14), (False, 24)]


def test_each_process_has_its_own_idea_of_the_time() -> None:
    world, seen = scheduler(), dict[str, float]()

    def look(name: str) -> None:
        seen[name] = world.clock().timestamp()

    world.spawn(Process("early", skew=-5), lambda: look("early"), "early")
    world.spawn(Process("late", skew=5), lambda: look("late"), "late")
    world.run(1)
    assert seen["late"] - seen["early"] == 10


def test_what_a_thread_dies_of_is_told() -> None:
    told: list[str] = []
    world = Scheduler(lambda process, name, error: told.append(f"{name}: {error}"))

    def fail() -> None:
        raise RuntimeError("a fault of ours")

    world.spawn(Process("a"), fail, "work")
    world.run(1)
    assert told == ["work: a fault of ours"]
