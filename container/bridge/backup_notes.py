"""What people are told about backups: what happened, whether anything is lost, what they can do."""

from __future__ import annotations

from chalicelib.errors import DamagedBackup

_KEPT = "so it was not started and nothing was overwritten. Your messages are kept."
_OLDER = "choose an older backup in the settings while the agent sleeps."

NOT_SAVED = (
    "The storage did not take the last backup before the agent fell asleep: "
    "it may have forgotten what happened after the backup before."
)


def describe_restore(error: Exception) -> str:
    if isinstance(error, DamagedBackup):
        return f"The agent's newest backup is damaged, {_KEPT} Wake it to try again, or {_OLDER}"
    return f"The agent's backup could not be read, {_KEPT} It is tried again when the agent wakes; or {_OLDER}"


def describe_trouble(error: Exception) -> str:
    what = "is damaged" if isinstance(error, DamagedBackup) else "could not be written"
    return f"The agent's backup {what}. It is tried again every few seconds; nothing is lost while the agent is awake."
