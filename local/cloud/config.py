"""What the cloud program reads from the environment; the app itself reads its own names from the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.aws.keys import AwsKeys


@dataclass(frozen=True)
class CloudConfig:
    root: Path
    state: Path
    port: int
    watchdog_seconds: float | None
    log_level: str
    endpoint: str = ""  # of the embedded AWS, where the page's uploads go
    aws_keys: AwsKeys = field(default_factory=AwsKeys.new)  # who signs with them may push to sockets
    token_seconds: float = 3600  # an identity token's life

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> CloudConfig:
        return cls(
            root=Path(environ["LOCAL_ROOT"]),
            state=Path(environ["LOCAL_STATE"]),
            port=int(environ["PORT"]),
            watchdog_seconds=float(environ.get("WATCHDOG_SECONDS", "0")) or None,
            log_level=environ.get("LOG_LEVEL", "INFO"),
            endpoint=environ.get("AWS_ENDPOINT_URL", ""),
            aws_keys=AwsKeys.from_env(environ),
            token_seconds=float(environ.get("TOKEN_SECONDS") or 3600),
        )

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def issuer(self) -> str:
        return f"{self.origin}/oidc"

    @property
    def socket_port(self) -> int:
        return self.port + 1

    @property
    def socket_url(self) -> str:
        return f"ws://localhost:{self.socket_port}/local"
