import pytest

from chalicelib.domain.failures import classify, is_strange

# Said by OpenClaw 2026.9.6 when a model of Anthropic's or OpenAI's kind answered with the status in the comment.
OBSERVED = [
    (  # 401
        "⚠️ demo/demo-1 request failed (authentication failed, HTTP 401). Re-authenticate the provider and try again.",
        "model_auth",
        False,
    ),
    (  # 403
        "⚠️ a4/fake-1 request failed (authentication failed, HTTP 403). Re-authenticate the provider and try again.",
        "model_auth",
        False,
    ),
    (  # the next message after a 401, where the key stands in the configuration
        'Inline API key for provider "deepseek" is temporarily disabled after a provider auth/billing failure. '
        "Retry after about 1 minute, or switch to a different auth profile/API key.",
        "model_auth",
        True,
    ),
    (  # no key at all
        'No API key found for provider "deepseek". Auth store: /state/agents/main/agent/openclaw-agent.sqlite '
        "(agentDir: /state/agents/main/agent). Configure an API key",
        "model_auth",
        False,
    ),
    (  # 402, or 400 with "Your credit balance is too low"
        "⚠️ a8 (fake-1) returned a billing error — your API key has run out of credits or has an insufficient "
        "balance. Check your a8 billing dashboard and top up or switch to a different API key.",
        "model_auth",
        False,
    ),
    (  # the same in the transcript
        "⚠️ LLM request failed (provider billing issue, HTTP 402). Check provider billing and try again.",
        "model_auth",
        False,
    ),
    ("⚠️ API rate limit reached. Please try again later.", "rate_limited", True),  # 429
    (
        "⚠️ LLM request failed (rate limited, HTTP 429). This is usually temporary — try again shortly.",
        "rate_limited",
        True,
    ),
    ("⚠️ The model request was rate-limited. Please try again in a few minutes.", "rate_limited", True),
    (  # 500
        "⚠️ o2/fake-1 request failed (provider internal error, HTTP 500). This is usually temporary — "
        "try again shortly.",
        "model_error",
        True,
    ),
    ("The AI service is temporarily overloaded. Please try again in a moment.", "model_error", True),  # 503, 529
    (
        "⚠️ LLM request failed (provider overloaded, HTTP 529). This is usually temporary — try again shortly.",
        "model_error",
        True,
    ),
    ("LLM request timed out.", "model_error", True),  # the stream broke off
    (  # 400 "prompt is too long"
        "Context overflow: prompt too large for the model. Try /reset (or /new) to start a fresh session, "
        "or use a larger-context model.",
        "model_error",
        False,
    ),
    (
        "⚠️ Auto-compaction could not recover this turn. I kept this conversation mapped to the current session.",
        "model_error",
        False,
    ),
    (  # 404
        "The selected model was not found by the provider. Check the model id or choose a different model.",
        "model_error",
        False,
    ),
    ("⚠️ LLM request failed (model not found, HTTP 404).", "model_error", False),
    (
        "Unknown model: anthropic/claude-sonnet-4-5. Run `openclaw models list --refresh --provider anthropic` "
        "to inspect this provider's model choices, then retry with a model supported by your account.",
        "model_error",
        False,
    ),
    ('Unknown provider "nosuch". Use /models to list providers.', "model_error", False),
    (
        'Model openai/gpt-5 requires agent harness "codex", but no enabled plugin provides it.',
        "model_error",
        False,
    ),
    ("LLM request failed: provider rejected the request schema or tool payload.", "model_error", False),  # 400
    ("This operation was aborted", "interrupted", True),
]


@pytest.mark.parametrize(("message", "code", "retryable"), OBSERVED)
def test_what_openclaw_says_has_a_code_and_a_text_for_the_person(message: str, code: str, retryable: bool) -> None:
    failure = classify(message)
    assert (failure.code, failure.retryable) == (code, retryable)
    assert "{" not in failure.text


@pytest.mark.parametrize(("message", "code", "retryable"), OBSERVED)
def test_no_text_sends_the_person_to_a_terminal_or_a_slash_command(message: str, code: str, retryable: bool) -> None:
    assert not any(word in classify(message).text for word in ("openclaw", "/new", "/reset", "gateway", "⚠️"))


def test_the_model_is_named_where_openclaw_names_it() -> None:
    assert classify("⚠️ anthropic/claude-opus-5 request failed (authentication failed, HTTP 401).").text.startswith(
        "anthropic/claude-opus-5 refused the API key."
    )
    assert classify("⚠️ Agent run failed (model: demo/demo-1).").text.startswith("demo/demo-1 could not answer.")
    assert "API key for deepseek" in classify('No API key found for provider "deepseek".').text


def test_an_unnamed_model_is_the_model_provider() -> None:
    assert classify("⚠️ API rate limit reached.").text.startswith("The model provider allows no more requests")


def test_words_nobody_has_seen_yet_are_a_model_error_worth_another_try() -> None:
    failure = classify("Something entirely new")
    assert (failure.code, failure.retryable) == ("model_error", True)


def test_words_that_no_rule_knows_are_strange() -> None:
    assert is_strange("Session transcript keyed user is outside the current turn: a2cf79e2")
    assert not is_strange("request failed (rate limited, HTTP 429)")
