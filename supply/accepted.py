"""What a search finds and we know of: each with its reason; a hole has an end, after which it fails again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class AcceptedRisk:
    advisory: str  # as OSV calls it
    package: str
    reason: str  # why it does not hurt us
    until: date


ADVISORIES: tuple[AcceptedRisk, ...] = ()

# Made up for tests and documentation: the beginning of the SHA-256 of what was found, and where it stands.
SECRETS: dict[str, str] = {}
