"""Which model answers: the one asked for, else that of a provider whose key is there, else the demo model."""

from collections.abc import Mapping

DEMO = "demo/demo-1"
KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "google": "GEMINI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
}
MODELS = {
    "anthropic": "anthropic/claude-sonnet-4-5",
    "openai": "openai/gpt-5.1",
    "google": "google/gemini-2.5-flash",
    "openrouter": "openrouter/auto",
    "deepseek": "deepseek/deepseek-chat",
}


def present_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """Provider keys by the name of their variable; an empty variable is no key."""
    return {name: environ[name] for name in KEYS.values() if environ.get(name)}


def choose_model(environ: Mapping[str, str]) -> str:
    if asked := environ.get("LLM_MODEL"):
        return asked
    return next((MODELS[provider] for provider, name in KEYS.items() if environ.get(name)), DEMO)
