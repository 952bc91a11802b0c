"""What OpenClaw 2026.9.6 answers to who would suspend it, read as work that a person knows."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.own_work import NOTHING, OwnWork
from container.bridge.openclaw.gateway import OpenClawGateway, Platform
from container.bridge.openclaw.protocol import Json, Refusal, Response
from container.bridge.openclaw.suspension import SuspendRequest, read_suspension
from container.bridge.ports import Suspension
from tests.bridge.openclaw.script import Gone, Late, Reply, ScriptedLink, Time


def blocker(kind: str, count: int = 1, runtime: str | None = None) -> Json:
    return {"kind": kind, "count": count, **({"task": {"runtime": runtime}} if runtime else {})}


COMMAND = (blocker("background-exec"), blocker("background-exec", runtime="cli"))
JOB = (
    *(blocker("queue", 2), blocker("embedded-run"), blocker("cron-run"), blocker("root-request")),
    *(blocker("session-admission"), blocker("task", runtime="cron")),
)
TURN = (blocker("queue", 2), blocker("reply"), blocker("embedded-run"), blocker("chat-run"))


def answer(**payload: Any) -> Response:
    return Response("1", payload, None)


@pytest.mark.parametrize(
    ("blockers", "work"),
    [
        (COMMAND, OwnWork(commands=1)),
        (JOB, OwnWork(jobs=1)),
        (TURN, OwnWork(turns=1)),
        ((*COMMAND, *JOB), OwnWork(commands=1, jobs=1)),
        ((blocker("root-request", 2),), NOTHING),
        ((blocker("of-tomorrow"),), OwnWork(turns=1)),
    ],
)
def test_one_piece_of_work_is_counted_once(blockers: tuple[Json, ...], work: OwnWork) -> None:
    assert read_suspension(answer(status="busy", blockers=list(blockers))) == Suspension(None, work)


def test_who_works_at_nothing_is_suspended_by_an_id() -> None:
    assert read_suspension(answer(status="ready", suspensionId="s", blockers=[])) == Suspension("s")


def test_a_refusal_is_no_answer() -> None:
    assert read_suspension(Response("1", {}, Refusal("UNAVAILABLE", "not now", 1.0))) is None


@pytest.mark.parametrize(
    "payload",
    [
        {"status": "ready"},
        {"status": "busy", "blockers": ["one"]},
        {"status": "busy", "blockers": [{"kind": "queue", "count": "some"}]},
        {"status": "busy", "blockers": 3},
        {"status": "of-tomorrow"},
        {},
    ],
)
def test_what_is_said_in_another_way_is_no_answer(payload: Json) -> None:
    assert read_suspension(answer(**payload)) is None


def asking(reply: Reply) -> tuple[Suspension | None, list[str]]:
    link = ScriptedLink(replies={"gateway.suspend.prepare": [reply]})
    time = Time(link)
    gateway = OpenClawGateway("", "", platform=Platform(lambda url, token, notify: link, time, time))
    return gateway.suspend(), link.requests


def test_the_gateway_gives_what_openclaw_answers() -> None:
    found, requests = asking({"status": "ready", "suspensionId": "s"})
    assert (found, requests) == (Suspension("s"), ["gateway.suspend.prepare"])


def test_a_connection_that_goes_away_gives_none() -> None:
    assert asking(Gone()) == (None, ["gateway.suspend.prepare"])


def test_what_an_answer_that_came_too_late_holds_is_let_go() -> None:
    link = ScriptedLink(replies={"gateway.suspend.prepare": [Late(5.0, {"status": "ready", "suspensionId": "s"})]})
    time = Time(link)
    assert SuspendRequest(link, time).wait(2.0) is None
    assert link.requests == ["gateway.suspend.prepare"]
    time.wait(10.0)
    assert link.requests == ["gateway.suspend.prepare", "gateway.suspend.resume"]
