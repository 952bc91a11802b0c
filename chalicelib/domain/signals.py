"""What is told about what happens: the events of the log, and what CloudWatch counts and times out of them.

An event carries ids, numbers and words that the code chose. There is no field for what a person or the agent said.
The metrics are in CloudWatch's embedded format: a log line that says of itself which of its fields are metrics.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

NAMESPACE = "serverless-openclaw"


class Event(Enum):
    MESSAGE_ACCEPTED = "message accepted"
    MESSAGE_REPEATED = "message repeated"
    MESSAGE_JOINED = "message joined"
    DOORBELL_MISSED = "doorbell not answered"
    START_REQUESTED = "start requested"
    STEP_PASSED = "step passed"
    START_ENDED = "start ended"
    TURN_BEGAN = "turn began"
    FIRST_WORD = "first word"
    TURN_RETRIED = "turn retried"
    TURN_ENDED = "turn ended"
    TURN_RETURNED = "turn given back"
    COMMIT_RETRIED = "commit retried"
    ANSWER_DELIVERED = "answer delivered"
    PUSH_FAILED = "push failed"
    OPENCLAW_LOST = "openclaw lost"
    OPENCLAW_BACK = "openclaw back"
    START_CHANGED = "start changed"
    BUDGET_SPENT = "budget spent"
    RESTORE_ENDED = "restore ended"
    BACKUP_ENDED = "backup ended"
    AGENT_STOPPED = "agent stopped"
    AGENT_FENCED = "agent fenced"
    RATE_LIMITED = "rate limited"
    WATCHDOG_ACTED = "watchdog acted"
    WATCHDOG_SKIPPED = "watchdog skipped"


@dataclass(frozen=True)
class Measure:
    """What is made of an event: how many there were, by one word of a short list, and how long it took."""

    count: str | None = None
    by: str | None = None  # the name of `Signal.result` in the line, and the metric's dimension
    time: str | None = None  # the name of `Signal.took`, in milliseconds


MEASURES: Mapping[Event, Measure] = {
    Event.MESSAGE_ACCEPTED: Measure("MessagesAccepted", by="channel"),
    Event.MESSAGE_REPEATED: Measure("MessagesRepeated", by="channel"),
    Event.MESSAGE_JOINED: Measure("MessagesJoined", by="channel"),
    Event.DOORBELL_MISSED: Measure("DoorbellsMissed"),
    Event.STEP_PASSED: Measure(by="step", time="StepTime"),
    Event.START_ENDED: Measure("Starts", by="outcome", time="StartTime"),
    Event.TURN_BEGAN: Measure(time="WaitTime"),
    Event.FIRST_WORD: Measure(time="FirstWordTime"),
    Event.TURN_RETRIED: Measure("TurnRetries"),
    Event.TURN_ENDED: Measure("Turns", by="outcome", time="TurnTime"),
    Event.TURN_RETURNED: Measure("TurnsReturned"),
    Event.COMMIT_RETRIED: Measure("CommitRetries"),
    Event.ANSWER_DELIVERED: Measure("Deliveries", by="channel"),
    Event.PUSH_FAILED: Measure("PushesFailed"),
    Event.OPENCLAW_LOST: Measure("OpenClawLosses"),
    Event.START_CHANGED: Measure("StartsChanged"),
    Event.RESTORE_ENDED: Measure("Restores", by="outcome", time="RestoreTime"),
    Event.BACKUP_ENDED: Measure("Backups", by="outcome", time="BackupTime"),
    Event.AGENT_STOPPED: Measure("Stops", by="reason"),
    Event.AGENT_FENCED: Measure("Fences"),
    Event.RATE_LIMITED: Measure("RateLimits", by="limit"),
    Event.WATCHDOG_ACTED: Measure("WatchdogActions", by="action"),
    Event.WATCHDOG_SKIPPED: Measure("WatchdogSkips"),
}


@dataclass(frozen=True)
class Signal:
    event: Event
    user: str | None = None
    epoch: int | None = None
    message: str | None = None  # its id
    result: str | None = None
    took: timedelta | None = None

    def facts(self) -> dict[str, Any]:
        """The fields of the line, metrics among them."""
        measure = MEASURES.get(self.event, Measure())
        took = None if self.took is None else round(self.took.total_seconds() * 1000)
        facts = {
            "event": self.event.value,
            "user": self.user,
            "epoch": self.epoch,
            "message": self.message,
            measure.by or "result": self.result,
            measure.count or "": 1 if measure.count else None,
            measure.time or "took": took,
        }
        return {name: value for name, value in facts.items() if value is not None}


def embedded(signal: Signal, stage: str, now: datetime) -> dict[str, Any]:
    """The `_aws` field by which CloudWatch finds the metrics of the line; nothing for a line that has none."""
    measure, facts = MEASURES.get(signal.event, Measure()), signal.facts()
    units = ((measure.count, "Count"), (measure.time, "Milliseconds"))
    metrics = [{"Name": name, "Unit": unit} for name, unit in units if name in facts]
    if not metrics:
        return {}
    dimensions = [[measure.by]] if measure.by in facts else [[]]
    directive = {"Namespace": f"{NAMESPACE}/{stage}", "Dimensions": dimensions, "Metrics": metrics}
    return {"_aws": {"Timestamp": round(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}}
