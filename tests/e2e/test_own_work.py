"""What OpenClaw works at by itself outlives the idle time, and whoever stops it in the middle is told of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.page import Frame, Page
from tests.e2e.product import Product, wait_for

COLD = 120.0
IDLE = 6.0  # seconds
WORK = 30  # seconds: five idle times


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("own"), INACTIVITY_TIMEOUT_MINUTES=str(IDLE / 60)).start()
    yield product
    product.stop()


@pytest.fixture
def tab(own: Product) -> Iterator[Page]:
    tab = Page(own.origin).open()
    yield tab
    tab.close()


def order(tool: str, **arguments: Any) -> str:
    """Has the demo model use a tool. An order in its arguments is for whoever reads them, not for this turn."""
    written = json.dumps(arguments).replace("[", "\\u005b").replace("]", "\\u005d")
    return f"[[tool={tool} {written}]]"


def deferred(tool: str, **arguments: Any) -> str:
    """The same for a tool that OpenClaw does not offer to the model by name."""
    return order("tool_call", id=tool, args=arguments)


def command(seconds: float, mark: str) -> str:
    """Once: a sub-agent's parent is told of its task, and the demo model obeys whatever it reads."""
    return f"test -e {mark} || (sleep {seconds:g}; touch {mark})"


def is_done(product: Product, mark: str) -> bool:
    return any(product.state.rglob(mark))


def note(frame: Frame) -> tuple[str, str | None, Any]:
    return frame["status"], frame.get("noteCode"), frame.get("noteArgs")


def states(page: Page, since: int) -> list[tuple[str, str | None, Any]]:
    return [note(frame) for frame in page.frames[since:] if frame["type"] == "status"]


def outlives(product: Product, page: Page, conversation: str, orders: str, mark: str) -> list[Any]:
    """The work is done though nobody speaks, and then the agent falls asleep; what was told meanwhile."""
    page.answer(page.send(f"go on alone {orders}", conversation), COLD)
    since, answered = len(page.frames), time.monotonic()
    wait_for(lambda: is_done(product, mark), "the end of the work", WORK + 60)
    assert time.monotonic() - answered > 3 * IDLE
    assert {status for status, *_ in states(page, since)} == {"running"}
    wait_for(lambda: states(page, since)[-1][0] == "idle", "sleep", 90)
    return [each for each in states(page, since) if each[0] == "running"]


def test_a_command_in_the_background_outlives_the_idle_time_and_a_stop_in_the_middle_is_told(
    own: Product, tab: Page, conversation: str
) -> None:
    told = outlives(own, tab, conversation, order("exec", command=command(WORK, "done-1"), background=True), "done-1")
    assert ("running", "works", {"commands": 1}) in told
    assert told[-1] == ("running", None, None), "the words go when the work ends"

    since = len(tab.frames)
    long = order("exec", command=command(600, "never"), background=True)
    tab.answer(tab.send(f"and again {long}", conversation), COLD)
    wait_for(Cloud.of(own).settled, "rest")
    tab.rest("POST", "/agent/stop")
    wait_for(lambda: states(tab, since)[-1][0] == "idle", "the stop", 60)
    assert states(tab, since)[-1] == ("idle", "work_cut", {"commands": 1})
    kept = tab.rest("GET", "/status")
    assert kept["note"] == "It was stopped in the middle of work of its own: 1 command in the background."


@pytest.mark.soak
def test_a_sub_agent_outlives_the_idle_time(own: Product, tab: Page, conversation: str) -> None:
    task = f"Do it. {order('exec', command=command(WORK, 'done-2'))}"
    outlives(own, tab, conversation, deferred("sessions_spawn", task=task), "done-2")


@pytest.mark.soak
def test_a_silent_tool_of_a_job_outlives_the_idle_time(own: Product, tab: Page, conversation: str) -> None:
    message = f"Do it. {order('exec', command=command(WORK, 'done-3'))}"
    tab.answer(tab.send("wake up [[n=1]]", conversation), COLD)
    at = datetime.now(UTC) + timedelta(seconds=8)
    job = {
        "name": "silent",
        "schedule": {"kind": "at", "at": at.isoformat(timespec="seconds")},
        "sessionTarget": "isolated",
        "delivery": {"mode": "none"},  # else there is nobody to announce it to, and it is tried again
        "payload": {"kind": "agentTurn", "message": message},
    }
    outlives(own, tab, conversation, deferred("automations", action="add", job=job), "done-3")
