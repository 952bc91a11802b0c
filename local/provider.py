"""Which model answers: the one asked for if its provider has a key, else that provider's first, else the demo model."""

from collections.abc import Mapping

from chalicelib.domain.models import DEMO_MODEL, PROVIDERS, default_model

KEYS = {name: provider.key for name, provider in PROVIDERS.items()}


def present_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """Provider keys by the name of their variable; an empty variable is no key."""
    return {variable: environ[variable] for variable in KEYS.values() if environ.get(variable)}


def choose_model(environ: Mapping[str, str]) -> str:
    providers = [provider for provider, variable in KEYS.items() if environ.get(variable)]
    return default_model(providers, environ.get("LLM_MODEL") or DEMO_MODEL.id)
