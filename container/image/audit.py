"""What OpenClaw's own security audit finds in the state folder and the configuration that we start it with."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from container.agent.config import AgentConfig
from container.agent.environment import build_environment
from container.agent.relay import Relay

TIMEOUT = 180.0  # seconds; on a machine that only plays this processor it takes long
COMMAND = ("security", "audit", "--json")


def critical(config: AgentConfig, token: str, relay: Relay | None = None) -> Sequence[str]:
    """Titles of the critical findings. Raises ValueError, KeyError where the audit does not answer as it does today."""
    done = subprocess.run(
        [config.node, str(config.openclaw_dir / "openclaw.mjs"), *COMMAND],
        check=False,
        env=build_environment(config, token, relay),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    report = json.loads(done.stdout)
    found = [f"{each['title']}: {each['detail']}" for each in report["findings"] if each["severity"] == "critical"]
    assert len(found) == report["summary"]["critical"], report["summary"]
    return found
