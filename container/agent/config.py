"""What the agent's program reads from its environment; openclaw_json.py makes OpenClaw's own of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from container.agent.node import find_node
from container.agent.prebaked import Prebaked

# All that OpenClaw and the commands it runs may see of our environment.
INHERITED = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    "OPENCLAW_SKIP_CRON",  # an image is tried with the owner's memory, and not with the owner's schedules
)
DEFAULT_OPENCLAW_DIR = "container/node_modules/openclaw"
HIGHEST_PORT = 65535


class AgentConfigError(Exception):
    """An environment variable has a value the supervisor cannot work with."""


@dataclass(frozen=True)
class AgentConfig:
    gateway_port: int
    state_dir: Path
    control_dir: Path
    model: str
    openclaw_dir: Path
    node: str
    demo_model_url: str | None  # without a relay: where an image is built, in benchmarks and tests
    inherited: Mapping[str, str]
    stop_budget: timedelta
    module_cache: Path  # what Node compiles, it runs from there: nobody else may be able to write to it
    prebaked: Prebaked | None = None  # in an image

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> AgentConfig:
        return cls(
            gateway_port=_read_port(environ),
            state_dir=_read_folder(environ, "STATE_DIR"),
            control_dir=_read_folder(environ, "CONTROL_DIR"),
            model=_read_model(environ),
            openclaw_dir=Path(environ.get("OPENCLAW_DIR") or DEFAULT_OPENCLAW_DIR).absolute(),
            node=environ.get("NODE") or find_node(),
            demo_model_url=environ.get("DEMO_MODEL_URL") or None,
            inherited={name: environ[name] for name in INHERITED if environ.get(name)},
            stop_budget=_read_seconds(environ, "STOP_BUDGET_SECONDS", "100"),
            module_cache=Path(environ.get("MODULE_CACHE") or f"{environ.get('TMPDIR') or '/tmp'}/module-cache"),
            prebaked=Prebaked(Path(environ["PREBAKED"])) if environ.get("PREBAKED") else None,
        )


def _read_folder(environ: Mapping[str, str], name: str) -> Path:
    value = environ.get(name, "")
    if not value:
        raise AgentConfigError(f"{name} is missing: wanted the path of a folder")
    return Path(value).absolute()


def _read_model(environ: Mapping[str, str]) -> str:
    value = environ.get("LLM_MODEL", "")
    provider, _, model = value.partition("/")
    if not provider or not model:
        raise AgentConfigError(f"LLM_MODEL is {value!r}: wanted provider/model, such as demo/demo-1")
    return value


def _read_port(environ: Mapping[str, str]) -> int:
    value = environ.get("GATEWAY_PORT") or "18789"
    if not value.isdigit() or not 0 < int(value) <= HIGHEST_PORT:
        raise AgentConfigError(f"GATEWAY_PORT is {value!r}: wanted a port between 1 and 65535")
    return int(value)


def _read_seconds(environ: Mapping[str, str], name: str, default: str) -> timedelta:
    value = environ.get(name) or default
    try:
        return timedelta(seconds=float(value))
    except ValueError:
        raise AgentConfigError(f"{name} is {value!r}: wanted a number of seconds") from None
