"""The log of both programs: one line of JSON per event, or one for eyes; the only place where lines are made."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.signals import Event, Signal, embedded
from chalicelib.domain.times import to_text

FORMATS = ("json", "text")
CHATTY = ("botocore", "boto3", "urllib3", "websocket", "websockets")  # at DEBUG they print what people say
KEPT = ("user", "epoch", "connection", "aws_request_id")  # what a plain line may carry besides its words

log = logging.getLogger("event")


def log_event(
    event: Event,
    user: str | None = None,
    epoch: int | None = None,
    *,
    message: str | None = None,
    result: str | None = None,
    took: timedelta | None = None,
) -> None:
    """One event into the log; `message` is an id."""
    if log.isEnabledFor(logging.INFO):
        log.info(event.value, extra={"signal": Signal(event, user, epoch, message, result, took)})


class JsonLines(logging.Formatter):
    def __init__(self, stage: str) -> None:
        super().__init__()
        self.stage = stage

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        facts: dict[str, Any] = {"time": to_text(moment), "level": record.levelname, **_facts(record)}
        if isinstance(signal := getattr(record, "signal", None), Signal):
            facts |= embedded(signal, self.stage, moment)
        if record.exc_info:
            facts["trace"] = self.formatException(record.exc_info)
        return json.dumps(facts, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        words = facts.pop("event", None) or facts.pop("says")
        moment = datetime.fromtimestamp(record.created, UTC)
        rest = "".join(f" {name}={value}" for name, value in facts.items())
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{to_text(moment)} {record.levelname} {words}{rest}{trace}"


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    kept = {name: value for name in KEPT if (value := getattr(record, name, None)) is not None}
    if isinstance(signal := getattr(record, "signal", None), Signal):
        return kept | signal.facts()
    return {"from": record.name, "says": record.getMessage(), **kept}


def set_up(level: str, form: str, stage: str) -> None:
    """On the handlers there are, since Lambda brings its own; else on standard output."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stdout))
    for handler in root.handlers:
        handler.setFormatter(JsonLines(stage) if form == "json" else PlainLines())
    root.setLevel(level)
    hush()


def hush() -> None:
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
