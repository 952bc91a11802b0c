"""Many seeds on all processors, and each mutant against one seed after the other."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.outcome import Outcome, run
from tests.simulation.plan import Plan

CHUNK = 8
HUNT = 150  # seeds in which a mutant must be found


def run_all(plans: Iterable[Plan], workers: int = 2) -> Iterator[Outcome]:
    """The outcomes in the order of the plans."""
    with _pool(workers) as pool:
        yield from pool.map(run, plans, chunksize=CHUNK)


def hunt_all(mutants: Iterable[str], known: Mapping[str, int], workers: int = 2) -> Iterator[Outcome]:
    """For each mutant the first outcome that gives it away, or the last one that did not; `known` seeds come first."""
    with _pool(workers) as pool:
        yield from pool.map(hunt, mutants, [known.get(mutant, 1) for mutant in mutants])


def hunt(mutant: str, known: int = 1) -> Outcome:
    outcome = run(Plan(known, mutant=mutant))
    for seed in range(1, HUNT + 1):
        if outcome.fails:
            break
        outcome = run(Plan(seed, mutant=mutant))
    return outcome


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(min(workers, os.cpu_count() or 1), mp_context=context, initializer=_prepare)


def _prepare() -> None:
    """Production code says much about faults, and a history is short-lived."""
    logging.disable(logging.CRITICAL)
    gc.freeze()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """However it ends: nobody waits for these histories any more."""
    parent = multiprocessing.parent_process()
    assert parent, "a worker has one"
    parent.join()
    os._exit(1)
