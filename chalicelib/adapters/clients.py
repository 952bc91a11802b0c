"""How each client of AWS is made, in the functions and in the bridge: it gives up before its caller has to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

CONNECT, READ = 1, 3  # seconds; what is asked for takes some milliseconds
ATTEMPTS = 3  # what is worth more is repeated by whoever knows what it is


def library_versions() -> tuple[str, str]:
    """Of boto3 and of botocore."""
    import boto3  # noqa: PLC0415
    import botocore  # noqa: PLC0415

    return boto3.__version__, botocore.__version__


def make_client(
    service: str,
    session: boto3.session.Session | None = None,
    *,
    read: int = READ,
    attempts: int = ATTEMPTS,
    **own: Any,
) -> Any:
    """`session`: whose credentials; boto3's own without it. `read`: seconds for each answer; `own`: what boto3 takes.

    botocore's own time-outs are a minute each, in five attempts: a function of 29 s is killed before it hears an error.
    """
    import boto3  # noqa: PLC0415  124 ms, which an event that needs no client should not pay
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=CONNECT, read_timeout=read, retries={"mode": "standard", "total_max_attempts": attempts}
    )
    extra = own.pop("config", None)
    return (session or boto3).client(service, config=config.merge(extra) if extra else config, **own)  # type: ignore[call-overload]
