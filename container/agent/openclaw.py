"""How OpenClaw is put on disk and started, and how one sees that it is ready."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from container.agent.checkpoint import renew_checkpoint
from container.agent.config import AgentConfig
from container.agent.environment import build_environment
from container.agent.obeyed import remove_obeyed
from container.agent.openclaw_json import render_agent_settings, render_openclaw_json, resolve_keys
from container.agent.process import OpenClawProcess
from container.agent.relay import Relay, trust
from container.files import make_folder, read_file, replace_below

# A module is where its name says: Node need not ask, of several thousand of them, whether a link leads elsewhere.
SETTINGS = "agents/main/agent/settings.json"
LARGEST_SETTINGS = 1024 * 1024
UNLINKED = ("--preserve-symlinks", "--preserve-symlinks-main")


class OpenClaw:
    def __init__(self, config: AgentConfig) -> None:
        self._config = config

    def prepare(self) -> None:
        """What needs no state: in the time that the bridge takes to restore it."""
        if prebaked := self._config.prebaked:
            prebaked.link(self._config.node, self._config.module_cache)

    def start(self, token: str, relay: Relay | None = None) -> OpenClawProcess:
        self.prepare_state(relay)
        environ = build_environment(self._config, token, relay)
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

    def prepare_state(self, relay: Relay | None = None) -> None:
        """Before every start: what a running OpenClaw, or the agent's own hands, made of our files does not stay."""
        state = self._config.state_dir
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if prebaked := self._config.prebaked:
            prebaked.seed(state)
        make_folder(state, "home")
        remove_obeyed(state)
        rendered = render_openclaw_json(self._config, relay)
        replace_below(state, "openclaw.json", json.dumps(rendered, indent=1))
        renew_checkpoint(state, resolve_keys(rendered, relay))
        if relay:
            trust(relay, self._config.control_dir, self._config.inherited.get("NODE_EXTRA_CA_CERTS", ""))
        replace_below(state, SETTINGS, json.dumps(render_agent_settings(_read(state, SETTINGS)), indent=1))


def _read(state: Path, path: str) -> str:
    """Nothing, where there is no file that can be read."""
    try:
        return read_file(state, path, LARGEST_SETTINGS).decode()
    except (OSError, UnicodeDecodeError):
        return ""
