"""How OpenClaw is put on disk and started, and how one sees that it is ready."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from container.agent.checkpoint import renew_checkpoint
from container.agent.config import AgentConfig
from container.agent.control import replace_file
from container.agent.environment import build_environment
from container.agent.openclaw_json import render_agent_settings, render_openclaw_json, resolve_keys
from container.agent.process import OpenClawProcess

# A module is where its name says: Node need not ask, of several thousand of them, whether a link leads elsewhere.
UNLINKED = ("--preserve-symlinks", "--preserve-symlinks-main")


class OpenClaw:
    def __init__(self, config: AgentConfig) -> None:
        self._config = config

    def prepare(self) -> None:
        """What needs no state: in the time that the bridge takes to restore it."""
        if prebaked := self._config.prebaked:
            prebaked.link(self._config.node, self._config.module_cache)

    def start(self, token: str) -> OpenClawProcess:
        self.prepare_state()
        environ = build_environment(self._config, token)
        return OpenClawProcess(self.command, environ, self._config.state_dir)

    @property
    def command(self) -> list[str]:
        return [self._config.node, *UNLINKED, str(self._config.openclaw_dir / "openclaw.mjs"), "gateway"]

    def is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self._config.gateway_port, timeout=1)
        with closing(connection), suppress(OSError, HTTPException):
            connection.request("GET", "/readyz")
            return connection.getresponse().status == HTTPStatus.OK
        return False

    def prepare_state(self) -> None:
        """Before every start: what a running OpenClaw, or the agent's own hands, made of our files does not stay."""
        if prebaked := self._config.prebaked:
            prebaked.seed(self._config.state_dir)
        state = self._config.state_dir
        (state / "home").mkdir(parents=True, exist_ok=True)
        for left in state.glob("openclaw.json.*"):  # else it takes its own copy for the good one and throws ours away
            left.unlink()
        rendered = render_openclaw_json(self._config)
        replace_file(state / "openclaw.json", json.dumps(rendered, indent=1))
        renew_checkpoint(state, resolve_keys(rendered, self._config))
        agent = state / "agents" / "main" / "agent" / "settings.json"
        existing = agent.read_text() if agent.exists() else "{}"
        replace_file(agent, json.dumps(render_agent_settings(existing), indent=1))
