"""`python -m tests.simulation`: one seed with its history, or many with a summary."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter

from tests.simulation.coverage import WANTED
from tests.simulation.fleet import run_all
from tests.simulation.mutants import MUTANTS
from tests.simulation.outcome import Outcome, run, world_of
from tests.simulation.plan import STORM, Plan, read_ranges
from tests.simulation.shrink import shrink

EVERY = 5.0  # seconds between looks at the progress


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    if options.seeds is None:
        return _replay(_plan(options, options.seed), show=options.show)
    return _many([_plan(options, options.seed + at) for at in range(options.seeds)], options.workers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, help="so many from --seed on; without it: this one, replayed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--users", type=int)
    parser.add_argument("--messages", type=int, help="of each user, at most")
    parser.add_argument("--pages", type=int, help="of each user, at most")
    parser.add_argument("--phones", action="store_true", help="with chats")
    parser.add_argument("--storm", type=float, default=STORM, help="seconds with faults")
    parser.add_argument("--without", default="", help="kinds of faults, with commas")
    parser.add_argument("--only", help="numbers of the faults that may happen: 1-3,7 or none")
    parser.add_argument("--mutant", choices=sorted(MUTANTS))
    parser.add_argument("--show", action="store_true", help="the history, line by line")
    return parser


def _plan(options: argparse.Namespace, seed: int) -> Plan:
    return Plan(
        seed=seed,
        users=options.users,
        messages=options.messages,
        pages=options.pages,
        phones=options.phones,
        storm=options.storm,
        without=frozenset(filter(None, options.without.split(","))),
        only=None if options.only is None else read_ranges(options.only),
        mutant=options.mutant,
    )


def _replay(plan: Plan, *, show: bool) -> int:
    if show:
        for event in world_of(plan).history.events:
            say(str(event))
    outcome = run(plan)
    for violation in outcome.violations:
        say(str(violation))
    say(f"{len(outcome.violations)} violations, {outcome.struck} faults")
    return int(outcome.fails)


def _many(plans: list[Plan], workers: int) -> int:
    began = shown = time.monotonic()
    failed: list[Outcome] = []
    seen: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for done, outcome in enumerate(run_all(plans, workers), start=1):
        seen.update(outcome.situations)
        numbers.update(outcome.numbers)
        if outcome.fails:
            failed.append(outcome)
            report(outcome)
        if time.monotonic() - shown > EVERY:
            shown = time.monotonic()
            say(f"{done} of {len(plans)} histories, {len(failed)} failed, {done / (shown - began):.0f} a second")
    summarise(seen, numbers)
    say(f"{len(plans)} histories in {time.monotonic() - began:.0f} s, {len(failed)} failed")
    return int(bool(failed))


def report(outcome: Outcome) -> None:
    """What fails, and the smallest line that shows it."""
    say(f"seed {outcome.plan.seed}: {outcome.violations[0]}")
    say(f"    {shrink(outcome).command()}")


def summarise(seen: Counter[str], numbers: Counter[str]) -> None:
    for name, number in (*numbers.items(), *((name, seen[name]) for name in WANTED)):
        say(f"{number:10,}  {name}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
