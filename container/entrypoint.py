"""`python -m container.entrypoint bridge|agent`: the first program of either container of a task.

Whoever runs a container gives all its environment to its first program: the cloud's credentials by their address, and
whatever else is there. Before anything of the agent's starts, its environment is replaced by what it may know; with
`exec`, so that the old one is in no process's memory any more.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Mapping

from container.agent.config import INHERITED

AGENT = (
    *("GATEWAY_PORT", "STATE_DIR", "CONTROL_DIR", "STOP_BUDGET_SECONDS"),
    *("LLM_MODEL", "DEMO_MODEL_URL", "OPENCLAW_DIR", "NODE", "PREBAKED"),
    *("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"),
    *INHERITED,
)
ROLES = ("bridge", "agent")


def keep_agents(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: environ[name] for name in AGENT if name in environ}


def main(arguments: list[str], environ: Mapping[str, str]) -> int:
    role = arguments[0] if arguments else ""
    if role not in ROLES:
        sys.stderr.write(f"The role is {role!r}: wanted one of {', '.join(ROLES)}.\n")
        return 2
    if role == "agent":
        os.execve(sys.executable, [sys.executable, "-m", "container.agent"], keep_agents(environ))
    sys.argv[:] = ["container.bridge"]
    runpy.run_module("container.bridge", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
