"""Everything the launcher reads from the environment, and the places that follow from it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.config import TELEGRAM_URL, Word
from chalicelib.domain.settings import PERMISSION_MODES, PermissionMode
from chalicelib.logs import FORMATS
from local.aws.keys import AwsKeys
from local.docker.config import DockerConfig
from local.errors import LocalConfigError
from local.provider import choose_model, present_keys

RUNNERS = ("process", "docker")
HIGHEST_PORT = 65534  # the socket listens on the next one
# It is your machine.
GENEROUS = "messages=600,starts=600,conversations=5000,bytes=5000000000,turns=300,tickets=600,searches=600"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

# What a program on this machine needs to find tools, temporary space and, behind a company's proxy, the internet.
INHERITED = (
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
)


@dataclass(frozen=True)
class LocalConfig:
    root: Path  # of the checkout
    state: Path
    port: int
    runner: str
    model: str
    keys: Mapping[str, str]  # provider key by the name of its variable
    idle_minutes: float
    backup_seconds: float
    watchdog_seconds: float | None  # None: at the rate the app declares
    log_level: str
    log_format: str
    basics: Mapping[str, str]
    docker: DockerConfig | None = None  # None: tasks are processes
    telegram_token: str = ""  # empty: no Telegram
    telegram_url: str = TELEGRAM_URL
    telegram_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))  # of the local webhook
    aws_keys: AwsKeys = field(default_factory=AwsKeys.new)  # of this run
    session_seconds: float = 3600  # of the bridge's credentials; it asks for new ones long before
    token_seconds: float = 3600  # of an identity token; a page renews it long before
    limits: str = GENEROUS  # per user, as the app reads them
    permission_mode: PermissionMode = "full"  # until the owner chooses

    @classmethod
    def from_env(cls, environ: Mapping[str, str], root: Path) -> LocalConfig:
        return cls(
            root=root,
            state=(root / environ.get("LOCAL_DIR", ".local")).resolve(),
            port=int(_number(environ, "PORT", "8787", HIGHEST_PORT)),
            runner=_choice(environ, "RUNNER", RUNNERS),
            model=choose_model(environ),
            keys=present_keys(environ),
            idle_minutes=_number(environ, "INACTIVITY_TIMEOUT_MINUTES", "15", 24 * 60),
            backup_seconds=_number(environ, "BACKUP_SECONDS", "60", 3600),
            watchdog_seconds=_number(environ, "WATCHDOG_SECONDS", "0", 86400) or None,
            log_level=_choice(environ, "LOG_LEVEL", LEVELS, "INFO"),
            log_format=_choice(environ, "LOG_FORMAT", FORMATS, "text"),
            basics={name: environ[name] for name in INHERITED if name in environ},
            docker=DockerConfig.from_env(environ),
            telegram_token=environ.get("TELEGRAM_BOT_TOKEN", ""),
            telegram_url=environ.get("TELEGRAM_API_URL") or TELEGRAM_URL,
            session_seconds=_number(environ, "SESSION_SECONDS", "3600", 3600) or 3600,
            token_seconds=_number(environ, "TOKEN_SECONDS", "3600", 86400) or 3600,
            limits=environ.get("LIMITS") or GENEROUS,
            permission_mode=_permission_mode(environ),
        )

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"


def _permission_mode(environ: Mapping[str, str]) -> PermissionMode:
    """An agent with a real model runs its commands as you, on your machine: it asks first."""
    as_you = present_keys(environ) and _choice(environ, "RUNNER", RUNNERS) == "process"
    return _choice(environ, "PERMISSION_MODE", PERMISSION_MODES, "guarded" if as_you else "full")


def _number(environ: Mapping[str, str], name: str, default: str, highest: int) -> float:
    text = environ.get(name) or default
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= highest or (name == "PORT" and number != int(number or 0.5)):
        raise LocalConfigError(f"{name}={text!r} cannot be used: give a number up to {highest}.")
    return number


def _choice(environ: Mapping[str, str], name: str, choices: tuple[Word, ...], default: Word | None = None) -> Word:
    value = environ.get(name) or default or choices[0]
    for each in choices:
        if each == value:
            return each
    raise LocalConfigError(f"{name}={value!r} cannot be used: give one of {', '.join(choices)}.")
