"""What has come of a restore and of a backup. `FencedOff` stands for a user whose backups another epoch writes."""

from __future__ import annotations

from dataclasses import dataclass

from container.bridge.events import FencedOff


@dataclass(frozen=True)
class Restored:
    """The folder is as the last backup left it; `new`: there was none, and it is as it was."""

    new: bool


@dataclass(frozen=True)
class NotRestored:
    """The folder is as it was, and what is in the bucket stays there; `note` is for the owner."""

    note: str


@dataclass(frozen=True)
class Saved:
    """All that the folder holds is in the bucket."""


@dataclass(frozen=True)
class NotSaved:
    """It may be later."""

    why: str


@dataclass(frozen=True)
class NothingToSave:
    """Without a restore there is no backup."""


RestoreOutcome = Restored | NotRestored | FencedOff
SaveOutcome = Saved | NotSaved | FencedOff
StopOutcome = SaveOutcome | NothingToSave
