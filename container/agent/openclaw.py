"""How OpenClaw is put on disk and started, and how one sees that it is ready."""

from __future__ import annotations

import json
import logging
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from container.agent.checkpoint import renew_checkpoint
from container.agent.config import AgentConfig
from container.agent.control import Order
from container.agent.environment import build_environment
from container.agent.obeyed import remove_obeyed
from container.agent.openclaw_json import render_agent_settings, render_openclaw_json, resolve_keys
from container.agent.process import OpenClawProcess
from container.agent.relay import Relay, trust
from container.files import make_folder, read_file, replace_below

log = logging.getLogger(__name__)
CONFIGURATION = "openclaw.json"
SETTINGS = "agents/main/agent/settings.json"
LARGEST = 1024 * 1024  # bytes of it
NO_DEBUGGER = "--disable-sigusr1"  # else that signal opens a port where any program may run code in OpenClaw
# A module is where its name says: Node need not ask, of several thousand of them, whether a link leads elsewhere.
UNLINKED = ("--preserve-symlinks", "--preserve-symlinks-main")


class OpenClaw:
    def __init__(self, config: AgentConfig) -> None:
        self._config = config
        self._configuration = ""
        self._changed: dict[str, None] = {}

    def prepare(self) -> None:
        """What needs no state: in the time that the bridge takes to restore it."""
        if prebaked := self._config.prebaked:
            prebaked.link(self._config.node, self._config.module_cache)

    def start(self, order: Order) -> OpenClawProcess:
        self.prepare_state(order.relay, guarded=order.guarded)
        environ = build_environment(self._config, order.token, order.relay)
        return OpenClawProcess(self.command, environ, self._config.state_dir)

    @property
    def command(self) -> list[str]:
        return [self._config.node, *UNLINKED, NO_DEBUGGER, str(self._config.openclaw_dir / "openclaw.mjs"), "gateway"]

    def is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self._config.gateway_port, timeout=1)
        with closing(connection), suppress(OSError, HTTPException):
            connection.request("GET", "/readyz")
            return connection.getresponse().status == HTTPStatus.OK
        return False

    def prepare_state(self, relay: Relay | None = None, *, guarded: bool = False) -> None:
        """Before every start: what a running OpenClaw, or the agent's own hands, made of our files does not stay."""
        state = self._config.state_dir
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if prebaked := self._config.prebaked:
            prebaked.seed(state)
        make_folder(state, "home")
        self._notice(*remove_obeyed(state))
        rendered = render_openclaw_json(self._config, relay, guarded=guarded)
        self._configuration = json.dumps(rendered, indent=1)
        replace_below(state, CONFIGURATION, self._configuration)
        renew_checkpoint(state, resolve_keys(rendered, relay))
        if relay:
            trust(relay, self._config.control_dir, self._config.inherited.get("NODE_EXTRA_CA_CERTS", ""))
        replace_below(state, SETTINGS, json.dumps(render_agent_settings(), indent=1))

    def keep(self) -> list[str]:
        """While OpenClaw runs, every moment: it obeys a new configuration a third of a second after it was written.

        What was removed or put back so far, since somebody else wants OpenClaw to start otherwise; by its path.
        """
        state = self._config.state_dir
        if _read(state, CONFIGURATION) != self._configuration:
            try:
                replace_below(state, CONFIGURATION, self._configuration)
            except OSError:
                if CONFIGURATION not in self._changed:
                    log.exception("%s cannot be put back", CONFIGURATION)
            self._notice(CONFIGURATION)
        return list(self._changed)

    def _notice(self, *paths: str) -> None:
        for path in (path for path in paths if path not in self._changed):
            log.warning("%s was written by somebody else; OpenClaw does not get it", path)
        self._changed |= dict.fromkeys(paths)


def _read(state: Path, path: str) -> str:
    """Nothing, where there is no file that can be read."""
    try:
        return read_file(state, path, LARGEST).decode()
    except (OSError, UnicodeDecodeError):
        return ""
