"""The environment OpenClaw gets: built from nothing, so that no secret of ours is there for an injection."""

from __future__ import annotations

import os
from pathlib import Path

from container.agent.config import AgentConfig
from container.agent.relay import TRUSTED, Relay

QUIET = {
    "OPENCLAW_DISABLE_BONJOUR": "1",
    "OPENCLAW_NO_RESPAWN": "1",
    "OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED": "1",  # else it starts again, for a folder below the one it is given
    "OPENCLAW_SKIP_CHANNELS": "1",
    "OPENCLAW_EXEC_SHELL_SNAPSHOT": "0",
    "OPENCLAW_NO_AUTO_UPDATE": "1",
    "OPENCLAW_OFFLINE": "1",
    "OPENCLAW_CONFIG_READONLY": "1",  # nobody writes openclaw.json but us, nor installs what it would name
}


def build_environment(config: AgentConfig, token: str, relay: Relay | None = None) -> dict[str, str]:
    ours = {**relay.tokens, "NODE_EXTRA_CA_CERTS": str(config.control_dir / TRUSTED)} if relay else {}
    own = {
        "HOME": str(config.state_dir / "home"),
        "PATH": _extend_path(config),
        "OPENCLAW_STATE_DIR": str(config.state_dir),
        "OPENCLAW_CONFIG_PATH": str(config.state_dir / "openclaw.json"),
        "OPENCLAW_GATEWAY_TOKEN": token,
    }
    return {**config.inherited, **ours, **QUIET, **own, "NODE_COMPILE_CACHE": str(config.module_cache)}


def _extend_path(config: AgentConfig) -> str:
    path = config.inherited.get("PATH", os.defpath)
    folder = Path(config.node).parent
    return f"{folder}{os.pathsep}{path}" if folder.is_absolute() else path
