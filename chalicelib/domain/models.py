"""The models a user can choose from, by provider. A provider counts when its key is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    id: str  # provider/model, as OpenClaw names it
    name: str

    @property
    def provider(self) -> str:
        return self.id.split("/", 1)[0]


@dataclass(frozen=True)
class Provider:
    name: str
    key: str  # the environment variable that OpenClaw reads the key from
    models: tuple[Model, ...]  # the first one is the provider's default


DEMO_MODEL = Model("demo/demo-1", "Demo model")
PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            "anthropic",
            "ANTHROPIC_API_KEY",
            (
                Model("anthropic/claude-sonnet-4-6", "Claude Sonnet 4.6"),
                Model("anthropic/claude-opus-5", "Claude Opus 5"),
                Model("anthropic/claude-haiku-4-5", "Claude Haiku 4.5"),
            ),
        ),
        Provider(
            "openai",
            "OPENAI_API_KEY",
            (Model("openai/gpt-5.4", "GPT-5.4"), Model("openai/gpt-5.4-mini", "GPT-5.4 mini")),
        ),
        Provider(
            "google",
            "GEMINI_API_KEY",
            (
                Model("google/gemini-3.1-pro-preview", "Gemini 3.1 Pro"),
                Model("google/gemini-3-flash-preview", "Gemini 3 Flash"),
            ),
        ),
        Provider("openrouter", "OPENROUTER_API_KEY", (Model("openrouter/auto", "OpenRouter Auto"),)),
        Provider("deepseek", "DEEPSEEK_API_KEY", (Model("deepseek/deepseek-chat", "DeepSeek Chat"),)),
    )
}


@dataclass(frozen=True)
class Models:
    """What there is to choose from, and what answers when nothing is chosen."""

    models: tuple[Model, ...]
    default: str

    @property
    def demo(self) -> bool:
        return self.default == DEMO_MODEL.id


def available(providers: Collection[str]) -> list[Model]:
    """The models of the providers with a key; the demo model when there is none."""
    models = [model for name, provider in PROVIDERS.items() if name in providers for model in provider.models]
    return models or [DEMO_MODEL]


def default_model(providers: Collection[str], wanted: str) -> str:
    """`wanted` if its provider has a key, else the first model of the first one that has."""
    models = available(providers)
    by_provider = {model.provider for model in models}
    return wanted if wanted.split("/", 1)[0] in by_provider else models[0].id
