"""What the status says beside the state: what is going on and why, by a code that the page can translate.

The agent's row keeps the code, or words that have none; the transition that causes a note writes it, a start that
succeeded takes it away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.own_work import OwnWork, describe_work

RECLAIMED = "reclaimed"
DIED = "died"
NOT_STARTED = "not_started"
NO_CAPACITY = "no_capacity"
AWS_SILENT = "aws_silent"
OPENCLAW_LOST = "openclaw_lost"
BACKUP_DAMAGED = "backup_damaged"
BACKUP_UNREADABLE = "backup_unreadable"
BACKUP_FAILING = "backup_failing"
NOT_SAVED = "not_saved"
BACKUP_INCOMPLETE = "backup_incomplete"  # with arguments: `first`, a name, and `count`
RESTORE_NO_ROOM = "restore_no_room"
RESTORE_BAD_NAME = "restore_bad_name"
RESTORE_REFUSED = "restore_refused"
STARTS_SPENT = "starts_spent"
HALTED = "halted"
HALTED_ALL = "halted_all"
START_CHANGED = "start_changed"  # with arguments: `first`, a path, and `count`
START_REFUSED = "start_refused"  # with an argument: `reason`, in AWS's words
WORKS = "works"  # while it runs; with the counts of `OwnWork` as arguments
WORK_CUT = "work_cut"  # with the same

NOTES: Mapping[str, str] = {
    RECLAIMED: "Starting again after the machine was taken back.",
    DIED: "Starting again: the machine stopped unexpectedly.",
    NOT_STARTED: "The last start did not succeed. Trying again.",
    NO_CAPACITY: "No machine is free right now. Your message is kept; trying again in a minute.",
    AWS_SILENT: "AWS does not say just now what became of the machine. "
    "Your message is kept; asking again every minute.",
    OPENCLAW_LOST: "OpenClaw stopped and is being restarted. Your messages are kept.",
    BACKUP_DAMAGED: "The newest backup is damaged. Nothing was started or overwritten: choose an older one.",
    BACKUP_UNREADABLE: "The backup cannot be read right now, so nothing was started or overwritten. Trying again.",
    BACKUP_FAILING: "The backup cannot be written right now. Nothing is lost while the agent is awake; trying again.",
    NOT_SAVED: "The last backup could not be written: the agent may have forgotten the last minutes.",
    BACKUP_INCOMPLETE: "Some files could not be saved as they are now. All others are saved; the backup names these.",
    RESTORE_NO_ROOM: "The newest backup does not fit on the machine's disk. Nothing was started or overwritten: "
    "choose an older backup, or give the machine a larger disk.",
    RESTORE_BAD_NAME: "The newest backup has a file whose name this machine's disk does not take. "
    "Nothing was started or overwritten: choose an older backup.",
    RESTORE_REFUSED: "The machine's disk did not take the backup, which is whole. "
    "Nothing was started or overwritten: choose an older backup, or send a message to try again.",
    STARTS_SPENT: "The agent was started too often within an hour. Your message is kept; it starts in the next hour.",
    HALTED: "You have stopped everything. What you write is kept, and answered when you let the agent work again.",
    HALTED_ALL: "Everything is stopped for now by whoever runs this. What you write is kept, and answered afterwards.",
    START_CHANGED: "The agent wrote files that would change how OpenClaw starts, {first} among them. "
    "They were removed.",
    START_REFUSED: "AWS does not start the machine: {reason}",
    WORKS: "Awake: it is still working by itself ({what}).",
    WORK_CUT: "It was stopped in the middle of work of its own: {what}.",
}
HALTS = frozenset({HALTED, HALTED_ALL})  # by the kill switch
HOLDS = HALTS | {STARTS_SPENT}  # no start is tried; the first one that is takes the note away
REASON_LENGTH = 300  # characters of AWS's words
# Another start would meet the same.
FOR_THE_OWNER = frozenset({RESTORE_NO_ROOM, RESTORE_BAD_NAME, RESTORE_REFUSED, START_REFUSED})
WITH_ARGUMENTS = (BACKUP_INCOMPLETE, START_CHANGED, START_REFUSED, WORKS, WORK_CUT)
EXPLAIN_NO_START = FOR_THE_OWNER | {BACKUP_DAMAGED, BACKUP_UNREADABLE}


def incomplete(first: str, count: int) -> str:
    """A note that names what was not saved, as the row keeps it: its code, and what its words speak of."""
    return f"{BACKUP_INCOMPLETE} {json.dumps({'first': first, 'count': count})}"


def start_changed(first: str, count: int) -> str:
    """The same for what would have changed how OpenClaw starts."""
    return f"{START_CHANGED} {json.dumps({'first': first, 'count': count})}"


def start_refused(reason: str) -> str:
    """The same for what AWS said when it started no machine."""
    return f"{START_REFUSED} {json.dumps({'reason': reason[:REASON_LENGTH]})}"


def at_work(work: OwnWork) -> str:
    """The same for what OpenClaw does by itself."""
    return f"{WORKS} {json.dumps(work.counts())}"


def work_cut(work: OwnWork) -> str:
    """The same for what of it was not done when the agent was stopped."""
    return f"{WORK_CUT} {json.dumps(work.counts())}"


def read_note(note: str | None) -> tuple[str | None, Mapping[str, Any]]:
    """Its code and arguments; what has no code is words."""
    code, _, rest = (note or "").partition(" ")
    return (code, json.loads(rest)) if code in WITH_ARGUMENTS and rest else (note, {})


def describe(note: str | None, *, runs: bool = False, waits: bool = True) -> dict[str, Any]:
    """The fields of a status that tell it: `note` in English, `noteCode` and `noteArgs` for who translates it.

    `runs`: the agent does. Of one that does not, nobody says that it works. `waits`: a person does, for it; where
    nobody does, it does not matter what AWS says.
    """
    code, arguments = read_note(note)
    if not code or (code == WORKS and not runs) or (code == AWS_SILENT and not waits):
        return {}
    if not arguments:
        return {"note": NOTES[code], "noteCode": code} if code in NOTES else {"note": code}
    words = NOTES[code].format(what=describe_work(arguments), **arguments)
    named = f"{words} ({_named(arguments)})" if code == BACKUP_INCOMPLETE else words
    return {"note": named, "noteCode": code, "noteArgs": arguments}


def _named(arguments: Mapping[str, Any]) -> str:
    more = arguments["count"] - 1
    return f"{arguments['first']} and {more} more" if more else str(arguments["first"])
