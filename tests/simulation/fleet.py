"""Many seeds on all processors."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.outcome import Outcome, run
from tests.simulation.plan import Plan

CHUNK = 8


def run_all(plans: Iterable[Plan], workers: int = 2) -> Iterator[Outcome]:
    """The outcomes in the order of the plans."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, os.cpu_count() or 1), mp_context=context, initializer=_prepare) as pool:
        yield from pool.map(run, plans, chunksize=CHUNK)


def _prepare() -> None:
    """Production code says much about faults, and a history is short-lived."""
    logging.disable(logging.CRITICAL)
    gc.freeze()
