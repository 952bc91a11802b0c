"""What a failed turn is told by: a key for each kind, its English words, and what helps.

Whoever shows a failure words it in the reader's language by its key; `tests/golden/failures.json` freezes the list for
the page. {model} is the name of the model, {Model} the same at the beginning of a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.turn import Failed

UNNAMED = "the model provider"


@dataclass(frozen=True)
class FailureKind:
    text: str
    retryable: bool
    action: str  # of the page: retry, edit, new_conversation, choose_model


def _kind(text: str, *, retryable: bool, action: str) -> FailureKind:
    return FailureKind(text, retryable, action)


KINDS: Mapping[str, FailureKind] = {
    "model_auth.locked_out": _kind(
        "{Model} refused its API key a moment ago. Correct the key, wait a minute, then send again.",
        retryable=True,
        action="retry",
    ),
    "model_auth.no_credit": _kind(
        "{Model} refused to answer because the account has no credit. Top it up, or choose another model.",
        retryable=False,
        action="choose_model",
    ),
    "model_auth.allowance_spent": _kind(
        "The allowance for models is spent, so {model} was not asked. Whoever set the limit can raise it; then send "
        "again.",
        retryable=True,
        action="retry",
    ),
    "model_auth.key_missing": _kind(
        "There is no API key for {model}. Set the key and restart the agent, or choose another model.",
        retryable=False,
        action="choose_model",
    ),
    "model_auth.key_refused": _kind(
        "{Model} refused the API key. Check that it is valid and may use this model, then send again.",
        retryable=False,
        action="retry",
    ),
    "model_error.context_full": _kind(
        "This conversation has become too long for {model}. Start a new one, or choose a model that reads more.",
        retryable=False,
        action="new_conversation",
    ),
    "model_error.model_unknown": _kind(
        "{Model} does not exist, or this account may not use it. Choose another model in the settings.",
        retryable=False,
        action="choose_model",
    ),
    "model_error.overloaded": _kind(
        "{Model} is overloaded at the moment. Send again in a minute.",
        retryable=True,
        action="retry",
    ),
    "rate_limited.provider": _kind(
        "{Model} allows no more requests at the moment. Wait a minute, then send again.",
        retryable=True,
        action="retry",
    ),
    "interrupted.aborted": _kind(
        "The agent was interrupted before it could finish. Send again.",
        retryable=True,
        action="retry",
    ),
    "model_error.provider_failed": _kind(
        "{Model} reported an error of its own. This usually passes: send again.",
        retryable=True,
        action="retry",
    ),
    "model_error.connection_lost": _kind(
        "The connection to {model} broke off in the middle of the answer. Send again.",
        retryable=True,
        action="retry",
    ),
    "model_error.request_refused": _kind(
        "{Model} does not accept this request. Try to put it differently, or choose another model.",
        retryable=False,
        action="edit",
    ),
    "model_error.other": _kind(
        "{Model} could not answer. Send again; if that does not help, start a new conversation.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.unreachable": _kind(
        "The agent could not be reached. It is being restarted: send again.",
        retryable=True,
        action="retry",
    ),
    "interrupted.hung": _kind(
        "The agent stopped answering and is being restarted. Send again.",
        retryable=True,
        action="retry",
    ),
    "interrupted.stopped": _kind(
        "The agent was stopped in the middle of its answer. Send again.",
        retryable=True,
        action="retry",
    ),
    "interrupted.crashes": _kind(
        "The agent was interrupted again and again by this message. Try it in another way.",
        retryable=True,
        action="edit",
    ),
    "interrupted.looping": _kind(
        "The agent repeated the same step again and again, so it was stopped. Try to put it differently.",
        retryable=False,
        action="edit",
    ),
    "interrupted.too_many_steps": _kind(
        "The agent was stopped: it has used {count} tools, and one answer may use no more.",
        retryable=True,
        action="retry",
    ),
    "interrupted.too_long": _kind(
        "The agent was stopped after {minutes} minutes, the longest that one answer may take.",
        retryable=True,
        action="retry",
    ),
    "interrupted.set_aside": _kind(
        "The agent was interrupted three times while it worked on this message, so it was set aside. Send it "
        "again, perhaps in smaller steps.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.no_start": _kind(
        "The agent could not be started, three times in a row, so this message was not answered. Send it "
        "again in a few minutes.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.backup_damaged": _kind(
        "The agent could not be started, so this was not answered. The newest backup is damaged. Nothing was "
        "started or overwritten: choose an older one.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.backup_unreadable": _kind(
        "The agent could not be started, three times in a row, so this message was not answered. Send it "
        "again in a few minutes. The backup cannot be read right now, so nothing was started or overwritten.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.restore_no_room": _kind(
        "The agent could not be started, so this was not answered. The newest backup does not fit on the "
        "machine's disk. Nothing was started or overwritten: choose an older backup, or give the machine a larger "
        "disk.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.restore_bad_name": _kind(
        "The agent could not be started, so this was not answered. The newest backup has a file whose name this "
        "machine's disk does not take. Nothing was started or overwritten: choose an older backup.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.restore_refused": _kind(
        "The agent could not be started, so this was not answered. The machine's disk did not take the backup, which "
        "is whole. Nothing was started or overwritten: choose an older backup, or send a message to try again.",
        retryable=True,
        action="retry",
    ),
    "agent_unavailable.start_refused": _kind(
        "The agent could not be started, so this was not answered. AWS does not start the machine: {reason}",
        retryable=True,
        action="retry",
    ),
    "invalid_message.refused": _kind(
        "The agent does not accept this message. Change it, then send again.",
        retryable=False,
        action="edit",
    ),
    "invalid_message.file_not_text": _kind(
        "{name} is not a text that can be read. Attach it as UTF-8.",
        retryable=False,
        action="edit",
    ),
    "not_found.file": _kind(
        "{name} is not stored any more. Attach it again.",
        retryable=True,
        action="edit",
    ),
    "too_large.file": _kind(
        "{name} is too large: {limit} MB at most.",
        retryable=False,
        action="edit",
    ),
    "interrupted.file_not_stored": _kind(
        "{name} could not be fetched from the storage just now. Send the message again.",
        retryable=True,
        action="retry",
    ),
    "interrupted.file_not_sent": _kind(
        "The file could not be fetched from Telegram. Send it again.",
        retryable=True,
        action="edit",
    ),
    "internal.not_kept": _kind(
        "The agent has answered, but the answer could not be stored. Send the message again, perhaps in smaller steps.",
        retryable=True,
        action="retry",
    ),
    "internal.fault": _kind(
        "Something went wrong on our side. Send the message again.",
        retryable=True,
        action="retry",
    ),
}


def failed(key: str, **params: str) -> Failed:
    """The failure with its English words. The code of the browser protocol is the first word of the key."""
    kind = KINDS[key]
    return Failed(key.partition(".")[0], fill(kind.text, params), kind.retryable, key, params)


def fill(text: str, params: Mapping[str, str], unnamed: str = UNNAMED) -> str:
    """`unnamed` stands for the model where its name is not known. An id keeps its small first letter."""
    model = params.get("model") or unnamed
    upper = model if "/" in model else model[0].upper() + model[1:]
    return text.format_map({**params, "model": model, "Model": upper})
