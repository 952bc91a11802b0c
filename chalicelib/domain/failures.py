"""What to tell the person when a turn failed: the words of OpenClaw 2026.9.6 sorted into our codes.

OpenClaw says most things twice and in operator's English ("re-authenticate the provider"). The rules below
were fitted to texts provoked for real; the first that matches wins, so the more special ones come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.domain.turn import Failed


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern[str]
    code: str
    text: str
    retryable: bool


def _rule(pattern: str, code: str, text: str, retryable: bool) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), code, text, retryable)


RULES = (
    _rule(
        r"temporarily disabled after a provider auth",
        "model_auth",
        "{Model} refused its API key a moment ago. Correct the key, wait a minute, then send again.",
        True,
    ),
    _rule(
        r"billing|out of credits|insufficient.balance|credit balance|HTTP 402",
        "model_auth",
        "{Model} refused to answer because the account has no credit. Top it up, or choose another model.",
        False,
    ),
    _rule(
        r"no api key found|missing api key|could not resolve authentication",
        "model_auth",
        "There is no API key for {model}. Set the key and restart the agent, or choose another model.",
        False,
    ),
    _rule(
        r"authentication|HTTP 40[13]\b|re-authenticate|unauthorized|forbidden|invalid.{0,20}key|saved login",
        "model_auth",
        "{Model} refused the API key. Check that it is valid and may use this model, then send again.",
        False,
    ),
    _rule(
        r"context overflow|auto-compaction could not|prompt (is )?too (large|long)|context.length",
        "model_error",
        "This conversation has become too long for {model}. Start a new one, or choose a model that reads more.",
        False,
    ),
    _rule(
        r"model was not found|unknown model|unknown provider|model is unavailable|model not found|HTTP 404"
        r"|requires agent harness|model .{0,80}not (allowed|available)",
        "model_error",
        "{Model} does not exist, or this account may not use it. Choose another model in the settings.",
        False,
    ),
    _rule(
        r"overloaded|HTTP 529|HTTP 503",
        "model_error",
        "{Model} is overloaded at the moment. Send again in a minute.",
        True,
    ),
    _rule(
        r"rate.?limit|HTTP 429|quota|slow down",
        "rate_limited",
        "{Model} allows no more requests at the moment. Wait a minute, then send again.",
        True,
    ),
    _rule(
        r"operation was aborted|interrupted|restarting|draining|shutting down",
        "interrupted",
        "The agent was interrupted before it could finish. Send again.",
        True,
    ),
    _rule(
        r"internal error|HTTP 5\d\d|temporary internal",
        "model_error",
        "{Model} reported an error of its own. This usually passes: send again.",
        True,
    ),
    _rule(
        r"timed? ?out|terminated|connection|network|socket|streaming|ECONN|fetch failed|unreachable",
        "model_error",
        "The connection to {model} broke off in the middle of the answer. Send again.",
        True,
    ),
    _rule(
        r"rejected the request|request rejected|schema|HTTP 4\d\d",
        "model_error",
        "{Model} does not accept this request. Try to put it differently, or choose another model.",
        False,
    ),
)
OTHER = _rule(
    "", "model_error", "{Model} could not answer. Send again; if that does not help, start a new conversation.", True
)
NAMED_MODEL = re.compile(r"\b([a-z][\w.-]*/[A-Za-z][\w.:-]*) request failed|Unknown model: ([\w.-]+/[\w.:/-]+?)\.? ")
NAMED_PROVIDER = re.compile(r"\bprovider \"([\w.-]+)\"|⚠️ ([\w.-]+) \([^)]*\) returned a billing")

UNAVAILABLE = Failed("agent_unavailable", "The agent could not be reached. It is being restarted: send again.", True)
HUNG = Failed("interrupted", "The agent stopped answering and is being restarted. Send again.", True)
CUT_OFF = Failed("interrupted", "The agent was stopped in the middle of its answer. Send again.", True)
DIED = Failed("interrupted", "The agent was interrupted again and again by this message. Try it in another way.", True)


def is_strange(message: str) -> bool:
    """No rule knows it: a trouble of OpenClaw's own, perhaps."""
    return not any(rule.pattern.search(message) for rule in RULES)


def classify(message: str) -> Failed:
    """The failure OpenClaw words as `message`, in our code and with a text that says what to do."""
    rule = next((rule for rule in RULES if rule.pattern.search(message)), OTHER)
    name = _find_model(message)
    upper = name if "/" in name else name[0].upper() + name[1:]
    return Failed(rule.code, rule.text.format(model=name, Model=upper), rule.retryable)


def _find_model(message: str) -> str:
    found = NAMED_MODEL.search(message) or NAMED_PROVIDER.search(message)
    return next((group for group in found.groups() if group), "") if found else "the model provider"
