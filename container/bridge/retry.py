"""Going on when the tables do not answer for some seconds: a bridge has more to lose than time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from chalicelib.errors import Fenced, Unstorable
from chalicelib.ports import Sleep

log = logging.getLogger(__name__)
Result = TypeVar("Result")
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds; in all longer than a store is usually away
START_PAUSES = (*PAUSES, *(8.0,) * 4)  # a start is paid for, and somebody waits for it
LAST_PAUSES = (0.5, 1.0, 2.0)  # while the seconds until SIGKILL are counted


def retry(work: Callable[[], Result], sleep: Sleep, pauses: Sequence[float] = PAUSES) -> Result:
    """What `work` gives, tried again after errors; raises the last one, Fenced and Unstorable at once."""
    for pause in pauses:
        try:
            return work()
        except (Fenced, Unstorable):
            raise
        except Exception as error:
            log.warning("trying again in %s s: %r", pause, error, exc_info=True)
            sleep(pause)
    return work()


def attempt(work: Callable[[], Result], sleep: Sleep, pauses: Sequence[float] = ()) -> Result | None:
    """The same for what must not keep anything else from happening; None when it did not succeed."""
    try:
        return retry(work, sleep, pauses)
    except Fenced:
        raise
    except Exception:
        log.exception("going on without it")
        return None
