"""What the agent knows of the relay of model calls: where it is, and a token in the place of every key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from container.files import replace_below

# The variable that OpenClaw reads each provider's key from: it finds the token there.
KEY_NAMES = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "google": "GEMINI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
}
TRUSTED = "relay.pem"
DEMO = "demo"


@dataclass(frozen=True)
class Relay:
    url: str
    token: str
    certificate: str  # that it shows in the providers' names
    providers: tuple[str, ...]  # with a key

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Relay:
        """Raises KeyError, TypeError."""
        names = tuple(str(name) for name in fields["providers"])
        return cls(str(fields["url"]), str(fields["token"]), str(fields["certificate"]), names)

    @property
    def tokens(self) -> dict[str, str]:
        """By the name of the variable."""
        return {name: self.token for provider, name in KEY_NAMES.items() if provider in self.providers}

    @property
    def demo_url(self) -> str | None:
        """The model without a key is behind it, too."""
        return f"{self.url}/{self.token}/{DEMO}" if DEMO in self.providers else None


def trust(relay: Relay, folder: Path, inherited: str) -> Path:
    """A file for NODE_EXTRA_CA_CERTS, which takes one: with what the network's own proxy needs, where there is one."""
    own = Path(inherited).read_text() if inherited and Path(inherited).is_file() else ""
    replace_below(folder, TRUSTED, f"{own.rstrip()}\n{relay.certificate}".lstrip())
    return folder / TRUSTED
