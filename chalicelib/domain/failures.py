"""Which kind of failure it was: the words of OpenClaw 2026.9.6 sorted into our kinds.

OpenClaw says most things twice and in operator's English ("re-authenticate the provider"). The rules below
were fitted to texts provoked for real; the first that matches wins, so the more special ones come first.
"""

from __future__ import annotations

import re

from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.turn import Failed

_WORDS = (
    (r"temporarily disabled after a provider auth", "model_auth.locked_out"),
    (r"billing|out of credits|insufficient.balance|credit balance|HTTP 402", "model_auth.no_credit"),
    (r"no api key found|missing api key|could not resolve authentication", "model_auth.key_missing"),
    (
        r"authentication|HTTP 40[13]\b|re-authenticate|unauthorized|forbidden|invalid.{0,20}key|saved login",
        "model_auth.key_refused",
    ),
    (r"tool-loop recovery|compaction_loop_persisted", "interrupted.looping"),
    (
        r"context overflow|auto-compaction could not|prompt (is )?too (large|long)|context.length",
        "model_error.context_full",
    ),
    (
        r"model was not found|unknown model|unknown provider|model is unavailable|model not found|HTTP 404"
        r"|requires agent harness|model .{0,80}not (allowed|available)",
        "model_error.model_unknown",
    ),
    (r"overloaded|HTTP 529|HTTP 503", "model_error.overloaded"),
    (r"rate.?limit|HTTP 429|quota|slow down", "rate_limited.provider"),
    (r"operation was aborted|interrupted|restarting|draining|shutting down", "interrupted.aborted"),
    (r"internal error|HTTP 5\d\d|temporary internal", "model_error.provider_failed"),
    (
        r"timed? ?out|terminated|connection|network|socket|streaming|ECONN|fetch failed|unreachable",
        "model_error.connection_lost",
    ),
    (r"rejected the request|request rejected|schema|HTTP 4\d\d", "model_error.request_refused"),
)
RULES = tuple((re.compile(pattern, re.IGNORECASE), key) for pattern, key in _WORDS)
NAMED_MODEL = re.compile(
    r"\b([a-z][\w.-]*/[A-Za-z][\w.:-]*) request failed|Unknown model: ([\w.-]+/[\w.:/-]+?)\.? "
    r"|\(model: ([\w.-]+/[\w.:/-]+)\)"
)
NAMED_PROVIDER = re.compile(r"\bprovider \"([\w.-]+)\"|⚠️ ([\w.-]+) \([^)]*\) returned a billing")
DECLINED = re.compile(r"refused this request|content.?filter", re.IGNORECASE)

UNAVAILABLE = failed("agent_unavailable.unreachable")
HUNG = failed("interrupted.hung")
CUT_OFF = failed("interrupted.stopped")
DIED = failed("interrupted.crashes")
INTERNAL = failed("internal.fault")


def is_strange(message: str) -> bool:
    """No rule knows it: a trouble of OpenClaw's own, perhaps."""
    return _find_key(message) is None


def is_declined(message: str) -> bool:
    """The model would not answer, and is no more likely to when asked again."""
    return bool(DECLINED.search(message))


def classify(message: str) -> Failed:
    """The failure OpenClaw words as `message`, by our key and with a text that says what to do."""
    return failed(_find_key(message) or "model_error.other", **_find_model(message))


def refuse(message: str) -> Failed:
    """The same for a request that OpenClaw itself has refused: no provider is to blame for what no rule knows."""
    key = _find_key(message)
    return failed(key, **_find_model(message)) if key else failed("invalid_message.refused")


def _find_key(message: str) -> str | None:
    return next((key for pattern, key in RULES if pattern.search(message)), None)


def _find_model(message: str) -> dict[str, str]:
    found = NAMED_MODEL.search(message) or NAMED_PROVIDER.search(message)
    name = next((group for group in found.groups() if group), "") if found else ""
    return {"model": name} if name else {}
