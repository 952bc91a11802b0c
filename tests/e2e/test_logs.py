"""The logs of a whole product, through a turn, a death and a failure: ids, and never words, keys or tickets."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.processes import environment, kill
from tests.e2e.product import Product
from tests.e2e.scene import COLD, Scene

DIARY = "heliotrope"
PROVIDER_KEY = "sk-ant-a-key-that-no-log-may-show"


def logs(state: Path) -> dict[str, str]:
    return {str(path): path.read_text(errors="replace") for path in (state / "logs").rglob("*.log")}


def test_no_log_has_a_word_that_was_said_or_a_secret(hurt: Product, scene: Scene) -> None:
    """Not with LOG_LEVEL=DEBUG either."""
    assert hurt.environ["LOG_LEVEL"] == "DEBUG"
    scene.check(scene.say(f"My diary says {DIARY}. [[delay=0.02]]"))
    turn = scene.say(f"A story of {DIARY}. {'word ' * 50} [[delay=0.05]]")
    scene.page.first_word(turn)
    secrets = [environment(scene.bridge())["BRIDGE_KEY"], scene.page.ticket, scene.page.token]
    kill(scene.bridge())
    scene.check(turn)

    written = logs(hurt.state)
    leaks = [(path, secret[:12]) for path, text in written.items() for secret in (DIARY, *secrets) if secret in text]
    assert leaks == []
    assert turn in "".join(written.values()), "the logs tell of no message at all"


def test_every_line_of_the_bridge_is_an_object_with_a_time(hurt: Product, scene: Scene) -> None:
    """With LOG_FORMAT=json; the default on a laptop is for eyes."""
    assert hurt.environ["LOG_FORMAT"] == "json"
    for path in (hurt.state / "logs" / "tasks").glob("*-bridge.log"):
        for line in path.read_text().splitlines():
            assert {"time", "level"} <= json.loads(line).keys(), line


def test_no_log_has_the_providers_key(tmp_path: Path) -> None:
    product = Product(tmp_path, ANTHROPIC_API_KEY=PROVIDER_KEY, LOG_LEVEL="DEBUG").start()
    try:
        scene = Scene(product)
        end = scene.page.ended(scene.say(f"Hello {DIARY}"), COLD)
        assert end["role"] == "notice"
        scene.page.close()
    finally:
        product.stop()

    assert [path for path, text in logs(tmp_path).items() if PROVIDER_KEY in text or DIARY in text] == []
