"""The environment OpenClaw gets: built from nothing, so that no secret of ours is there for an injection."""

from __future__ import annotations

import os
from pathlib import Path

from container.agent.config import PROVIDER_KEYS, Settings

QUIET = {
    "OPENCLAW_DISABLE_BONJOUR": "1",
    "OPENCLAW_NO_RESPAWN": "1",
    "OPENCLAW_SKIP_CHANNELS": "1",
    "OPENCLAW_EXEC_SHELL_SNAPSHOT": "0",
    "OPENCLAW_NO_AUTO_UPDATE": "1",
    "OPENCLAW_OFFLINE": "1",
}


def build_environment(settings: Settings, token: str) -> dict[str, str]:
    keys = {PROVIDER_KEYS[provider]: key for provider, key in settings.provider_keys.items()}
    own = {
        "HOME": str(settings.state_dir / "home"),
        "PATH": _extend_path(settings),
        "OPENCLAW_STATE_DIR": str(settings.state_dir),
        "OPENCLAW_CONFIG_PATH": str(settings.state_dir / "openclaw.json"),
        "OPENCLAW_GATEWAY_TOKEN": token,
    }
    return {**settings.inherited, **keys, **QUIET, **own, **_name_cache(settings)}


def _name_cache(settings: Settings) -> dict[str, str]:
    """The second variable keeps OpenClaw from starting itself again for a folder below the one it is given."""
    if settings.prebaked is None:
        return {}
    return {"NODE_COMPILE_CACHE": str(settings.module_cache), "OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED": "1"}


def _extend_path(settings: Settings) -> str:
    path = settings.inherited.get("PATH", os.defpath)
    folder = Path(settings.node).parent
    return f"{folder}{os.pathsep}{path}" if folder.is_absolute() else path
