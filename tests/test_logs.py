"""The log's lines: one JSON object each in the cloud, words on a laptop."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

from chalicelib import logs
from chalicelib.domain.signals import Event


@contextmanager
def root_with(*handlers: logging.Handler) -> Iterator[logging.Logger]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    root.handlers = list(handlers)
    try:
        yield root
    finally:
        root.handlers = kept
        root.setLevel(level)


def written(work: Callable[[], None], form: str = "json", level: str = "INFO") -> str:
    """What a handler of the platform's, as Lambda brings one, was given to write."""
    out = StringIO()
    with root_with(logging.StreamHandler(out)):
        logs.set_up(level, form, "prod")
        work()
    return out.getvalue()


def line(work: Callable[[], None]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(written(work))
    return read


def end_turn() -> None:
    logs.log_event(Event.TURN_ENDED, "ada", 7, message="m-1", result="committed", took=timedelta(milliseconds=812))


def fail() -> None:
    try:
        raise OSError("the disk is full")
    except OSError:
        logging.getLogger("here").exception("no backup")


def test_an_event_is_one_line_of_json() -> None:
    said = line(end_turn)
    assert (said["event"], said["user"], said["epoch"], said["message"]) == ("turn ended", "ada", 7, "m-1")
    assert said["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "serverless-openclaw/prod"
    assert written(end_turn).count("\n") == 1


def test_words_of_the_code_are_a_line_too() -> None:
    log = logging.getLogger("chalicelib.adapters.ecs")
    said = line(lambda: log.warning("RunTask: %s", "no", extra={"user": "ada", "epoch": 7}))
    assert (said["from"], said["says"]) == ("chalicelib.adapters.ecs", "RunTask: no")
    assert (said["level"], said["user"], said["epoch"]) == ("WARNING", "ada", 7)


def test_a_failure_keeps_its_trace_in_the_same_line() -> None:
    assert line(fail)["trace"].endswith("OSError: the disk is full")


def test_on_a_laptop_a_line_is_for_eyes() -> None:
    text = " INFO turn ended user=ada epoch=7 message=m-1 outcome=committed Turns=1 TurnTime=812\n"
    assert written(end_turn, "text").endswith(text)


def test_on_a_laptop_a_failure_keeps_its_lines() -> None:
    assert "ERROR no backup from=here\nTraceback" in written(fail, "text")


def test_libraries_that_would_print_whole_requests_keep_quiet_even_when_debugging() -> None:
    log = logging.getLogger("botocore.endpoint")
    assert written(lambda: log.debug("Making request with params: %s", "dear diary"), level="DEBUG") == ""


def test_events_cost_nothing_where_nobody_listens() -> None:
    assert written(end_turn, level="WARNING") == ""


def test_without_a_handler_of_the_platform_lines_go_to_standard_output() -> None:
    with root_with() as root:
        logs.set_up("INFO", "json", "prod")
        (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout
