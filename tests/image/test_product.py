"""The same product with a task of two real containers: from the socket to the real OpenClaw and back."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from container.agent.relay import KEY_NAMES
from container.image.dialogue import Dialogue
from local.aws.containers import LABEL
from tests.e2e.page import Page
from tests.e2e.product import Product, wait_for
from tests.image.canaries import secrets_of
from tests.image.engine import Engine, environment_of

COLD = 180.0
LOOK = Path(__file__).with_name("look.py")
MINE = {"/state", "/control", "/tmp", "/dev/shm", "/dev/mqueue"}
KNOWN = {"HOME", "PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_", "NODE", "PREBAKED", "LLM_MODEL", "DEMO_MODEL_URL"}
KNOWN |= set(KEY_NAMES.values())  # with the token of the start in them
PREFIXES = ("OPENCLAW_", "NODE_", "GATEWAY_", "STATE_", "CONTROL_", "PYTHON", "SSL_CERT", "LC_")


@pytest.fixture(scope="module")
def page(on_image: Product) -> Iterator[Page]:
    page = Page(on_image.origin).open()
    yield page
    page.close()


@pytest.fixture(scope="module")
def awake(page: Page) -> Page:
    page.answer(page.send("good morning [[n=2]]", str(uuid.uuid4())), COLD)
    return page


def containers(engine: Engine, product: Product) -> dict[str, str]:
    """Their names, by role; empty while the agent sleeps."""
    listed = engine.labelled(f"{LABEL}={product.state}")
    return {each.name.rpartition("-")[2]: each.name for each in listed}


def test_a_sleeping_agent_wakes_and_answers(page: Page) -> None:
    text = page.answer(page.send("Hello there", str(uuid.uuid4())), COLD)
    assert "Hello there" in text


def test_it_runs_under_fargates_rules(engine: Engine, on_image: Product, awake: Page) -> None:
    found = {role: engine.look(name) for role, name in containers(engine, on_image).items()}
    assert set(found) == {"agent", "bridge"}
    for facts in found.values():
        rules = facts["HostConfig"]
        assert (rules["ReadonlyRootfs"], rules["CapDrop"], rules["Privileged"]) == (True, ["ALL"], False)
        assert (rules["NanoCpus"], facts["Config"]["User"]) == (10**9, "10001:10001")
    assert sum(facts["HostConfig"]["Memory"] for facts in found.values()) == 2048 * 1024**2


def test_the_agent_finds_nothing_that_is_not_its_own(engine: Engine, on_image: Product, awake: Page) -> None:
    """By its own hands: the tool that a prompt injection would use."""
    found = look(engine, on_image, awake)
    assert found["places"] == [], "a secret of the task can be read"
    assert found["memories"] > 0, "OpenClaw's own memory was read"
    assert len(found["ports"]) > 3, "the product's servers were asked"
    assert (found["uid"], found["gid"], found["capabilities"]) == (10001, 10001, 0)
    assert set(found["writable"]) <= MINE
    names = {name for each in found["environs"].values() for name in each}
    assert not [name for name in names if name not in KNOWN and not name.startswith(PREFIXES)]
    assert not [words for words in found["programs"] if "container.bridge" in words]


def look(engine: Engine, product: Product, page: Page) -> dict[str, Any]:
    """What look.py sees as a command of the agent; it is told the secrets backwards, not to find them in itself."""
    names = containers(engine, product)
    bridge, agent = (environment_of(engine.look(names[role])) for role in ("bridge", "agent"))
    secrets = [bridge["BRIDGE_KEY"], bridge["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].rpartition("/")[2]]
    secrets += [agent["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].rpartition("/")[2]]
    secrets += [agent["ECS_CONTAINER_METADATA_URI_V4"].rpartition("/")[2]]
    secrets += secrets_of(product)
    program = f"{LOOK.read_text()}\nlook({[secret[::-1] for secret in secrets]})"
    words = base64.b64encode(program.encode()).decode()
    command = f"python3 -c \"exec(__import__('base64').b64decode('{words}'))\""
    page.answer(page.send(f"look [[tool=exec {json.dumps({'command': command})}]]", str(uuid.uuid4())), COLD)
    wait_for(lambda: "look.json" in engine.shell(names["agent"], "ls /state/openclaw/home"), "what it saw", COLD)
    return dict(json.loads(engine.shell(names["agent"], "cat /state/openclaw/home/look.json")))


def test_what_was_removed_is_not_missed(engine: Engine, on_image: Product, awake: Page) -> None:
    """Compaction and cron; chat and a tool have their own tests here."""
    agent = containers(engine, on_image)["agent"]
    token = json.loads(engine.shell(agent, "cat /control/go.json"))["token"]
    port = int(environment_of(engine.look(agent))["GATEWAY_PORT"])
    with Dialogue(port, token) as dialogue:
        for number in range(3):
            assert dialogue.ask("compacted", f"word {number} [[n=200]]")
        assert "compacted" in dialogue.call("sessions.compact", {"key": "agent:main:compacted"})
        job = {
            "name": "look",
            "schedule": {"kind": "every", "everyMs": 3_600_000},
            "sessionTarget": "isolated",
            "wakeMode": "now",
            "payload": {"kind": "agentTurn", "message": "cron says hello [[n=2]]"},
            "delivery": {"mode": "none"},
        }
        dialogue.call("cron.run", {"id": dialogue.call("cron.add", job)["id"], "mode": "force"})
        wait_for(lambda: last_run(dialogue) == "ok", "the cron job", 60)


def last_run(dialogue: Dialogue) -> str | None:
    (job,) = (each for each in dialogue.call("cron.list", {})["jobs"] if each["name"] == "look")
    status: str | None = job["state"].get("lastRunStatus")
    return status


def test_it_sleeps_in_good_order_and_remembers(engine: Engine, on_image: Product, awake: Page) -> None:
    conversation = str(uuid.uuid4())
    awake.answer(awake.send("before [[n=2]]", conversation), COLD)
    names = containers(engine, on_image)
    began = time.time()
    awake.rest("POST", "/agent/stop")
    wait_for(lambda: not containers(engine, on_image), "the end of both containers", 60)
    wait_for(lambda: awake.rest("GET", "/status")["status"] == "idle", "sleep", 60)
    assert deaths(engine, on_image, began) == [(names["bridge"], "0"), (names["agent"], "0")]
    awake.answer(awake.send("after [[n=2]]", conversation), COLD)
    assert on_image.remembered() == 2


def deaths(engine: Engine, product: Product, since: float) -> list[tuple[str, str]]:
    """Which containers ended, in order, with what exit code."""
    wanted = {"event": "die", "label": f"{LABEL}={product.state}"}
    events = engine.client.events(since=f"{since:.6f}", until=f"{time.time():.6f}", filters=wanted, decode=True)
    told = [each["Actor"]["Attributes"] for each in events]
    return [(each["name"], each["exitCode"]) for each in told]


def test_the_end_of_the_product_leaves_nothing(engine: Engine, on_image: Product, awake: Page) -> None:
    """The last test: it ends the product."""
    assert on_image.stop() < 10
    assert on_image.process.returncode == 0
    assert engine.labelled(f"{LABEL}={on_image.state}", all=True) == []
