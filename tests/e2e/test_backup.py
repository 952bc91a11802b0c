"""What the agent remembers after its machine is gone: the real OpenClaw, killed, moved, damaged, restored."""

from __future__ import annotations

import io
import sqlite3
import tarfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.bucket import Bucket
from tests.e2e.page import Page, fetch
from tests.e2e.processes import AGENT, BRIDGE, environment, kill, running
from tests.e2e.product import Product, wait_for
from tests.e2e.scene import fall_asleep

COLD = 120.0


@pytest.fixture
def home(hurt: Product) -> Iterator[Page]:
    """Its product backs up every five seconds; each test talks about something else."""
    page = Page(hurt.origin).open()
    yield page
    page.close()


def say(page: Page, text: str, conversation: str) -> None:
    page.answer(page.send(f"{text} [[n=2]]", conversation), COLD)


def points(page: Page) -> list[dict[str, Any]]:
    return list(page.rest("GET", "/backups")["backups"])


def sleep(page: Page, product: Product) -> None:
    fall_asleep(page)
    wait_for(lambda: not list((product.state / "tasks").iterdir()), "the end of the machine")


def state_folder(product: Product) -> Path:
    (pid,) = running(product.process.pid, BRIDGE)
    return Path(environment(pid)["STATE_DIR"])


def pull_the_plug(product: Product) -> None:
    """SIGKILL for everything that runs on the machine."""
    openclaw = wait_for(product.agent_pid, "OpenClaw's process")
    for pid in (*running(product.process.pid, AGENT), *running(product.process.pid, BRIDGE), openclaw):
        kill(pid)
    wait_for(lambda: not running(product.process.pid, BRIDGE), "the end of the bridge")


def ask_backup(page: Page) -> dict[str, Any]:
    """A point of this moment."""
    before = max((int(each["id"]) for each in points(page)), default=0)
    page.rest("POST", "/backups")

    def made() -> dict[str, Any] | None:
        return next((each for each in points(page) if each["kind"] == "asked" and int(each["id"]) > before), None)

    return wait_for(made, "the point")


def test_it_remembers_in_a_folder_that_is_new(hurt: Product, home: Page, conversation: str) -> None:
    say(home, "first", conversation)
    before = state_folder(hurt)
    sleep(home, hurt)
    assert not before.exists(), "the machine is gone"

    say(home, "second", conversation)

    assert state_folder(hurt) != before
    assert hurt.remembered() == 2


def _is_newer(page: Page, conversation: str) -> bool:
    """Is the newest point younger than the last answer?"""
    return bool(points(page) and points(page)[0]["madeAt"] > page.history(conversation)[-1]["createdAt"])


def test_a_damaged_backup_is_not_served_and_an_older_one_is_the_way_out(
    hurt: Product, home: Page, conversation: str
) -> None:
    say(home, "first", conversation)
    old = ask_backup(home)
    store = Bucket.of(hurt)
    kept = store.read()
    say(home, "second", conversation)
    sleep(home, hurt)
    harmed = {key: body for key, body in store.read().items() if key not in kept and "/packs/" in key}
    for key in harmed:
        store.write(key, b"damaged")

    turn = home.send("third [[n=2]]", conversation)
    told = home.wait(lambda frame: frame.get("noteCode") == "backup_damaged", "the note", COLD)
    assert "older" in told["note"]
    assert home.history(conversation)[-1]["status"] == "pending"
    damaged = points(home)

    wait_for(lambda: _restored(home, old["id"]), "a moment of sleep", COLD)

    home.answer(turn, COLD)
    assert hurt.remembered() == 2, "the second message came after the point"
    assert damaged[0]["id"] in [each["id"] for each in points(home)], "what was replaced can be had again"
    assert "note" not in home.rest("GET", "/status")


def _restored(page: Page, point: str) -> bool:
    status, _ = fetch(f"{page.origin}/api/backups/{point}/restore", method="POST", body={}, token=page.token)
    return status == 200


def test_a_machine_that_loses_power_after_a_bucket_has_refused_for_a_while_loses_nothing(
    hurt: Product, home: Page, conversation: str
) -> None:
    say(home, "first", conversation)
    wait_for(lambda: _is_newer(home, conversation), "a backup")
    store = Bucket.of(hurt)
    held = store.close()
    say(home, "second", conversation)
    home.wait(lambda frame: frame.get("noteCode") == "backup_failing", "the note", COLD)

    store.open(held)
    wait_for(lambda: _is_newer(home, conversation), "a backup")
    wait_for(lambda: "note" not in home.rest("GET", "/status"), "the note's end")
    pull_the_plug(hurt)

    say(home, "third", conversation)
    assert hurt.remembered() == 3
    assert [entry["role"] for entry in home.history(conversation)] == ["user", "agent"] * 3


@pytest.mark.soak
def test_a_database_that_somebody_holds_stops_no_backup(hurt: Product, home: Page, conversation: str) -> None:
    say(home, "first", conversation)
    path = state_folder(hurt) / "workspace/profile.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("CREATE TABLE page (number INTEGER)")
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("INSERT INTO page VALUES (1)")
        point = ask_backup(home)
        say(home, "second", conversation)
        wait_for(lambda: _is_newer(home, conversation), "a backup while it is held")

    assert "incomplete" not in point, "it rests, so that its last commit is saved"


def test_a_point_can_be_taken_home(hurt: Product, home: Page, conversation: str) -> None:
    say(home, "first", conversation)

    address = home.rest("GET", f"/backups/{ask_backup(home)['id']}")["url"]

    with urllib.request.urlopen(address, timeout=10) as answer:
        content = io.BytesIO(answer.read())
    with tarfile.open(fileobj=content) as archive:
        names = archive.getnames()
    assert "openclaw/agents/main/agent/openclaw-agent.sqlite" in names
    assert "openclaw/state/openclaw.sqlite" in names
    assert not [name for name in names if name.endswith((".lock", "-wal", "openclaw.json"))]
