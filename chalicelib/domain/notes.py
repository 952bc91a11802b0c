"""What the status says beside the state: what is going on and why, by a code that the page can translate.

The agent's row keeps the code, or words that have none; the transition that causes a note writes it, a start that
succeeded takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping

RECLAIMED = "reclaimed"
DIED = "died"
NOT_STARTED = "not_started"
NO_CAPACITY = "no_capacity"
OPENCLAW_LOST = "openclaw_lost"
BACKUP_DAMAGED = "backup_damaged"
BACKUP_UNREADABLE = "backup_unreadable"
BACKUP_FAILING = "backup_failing"
NOT_SAVED = "not_saved"

NOTES: Mapping[str, str] = {
    RECLAIMED: "Starting again after the machine was taken back.",
    DIED: "Starting again: the machine stopped unexpectedly.",
    NOT_STARTED: "The last start did not succeed. Trying again.",
    NO_CAPACITY: "No machine is free right now. Your message is kept; trying again in a minute.",
    OPENCLAW_LOST: "OpenClaw stopped and is being restarted. Your messages are kept.",
    BACKUP_DAMAGED: "The newest backup is damaged. Nothing was started or overwritten: choose an older one.",
    BACKUP_UNREADABLE: "The backup cannot be read right now, so nothing was started or overwritten. Trying again.",
    BACKUP_FAILING: "The backup cannot be written right now. Nothing is lost while the agent is awake; trying again.",
    NOT_SAVED: "The last backup could not be written: the agent may have forgotten the last minutes.",
}


def describe(note: str | None) -> dict[str, str]:
    """The fields of a status that tell it: `note` in English, `noteCode` where it can be translated."""
    if not note:
        return {}
    return {"note": NOTES[note], "noteCode": note} if note in NOTES else {"note": note}
