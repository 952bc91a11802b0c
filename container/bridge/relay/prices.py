"""What a call costs, in dollars: our own table with its date, because OpenClaw's has no price for most of these.

https://platform.claude.com/docs/en/pricing, https://openai.com/api/pricing, https://ai.google.dev/pricing,
https://api-docs.deepseek.com/quick_start/pricing. Standard service: what a request may ask for beside it (priority,
fast modes, regions) is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.models import DEMO_MODEL, PROVIDERS
from container.bridge.relay.usage import TokenUsage

PRICES_OF = "2026-11"
MILLION = 1_000_000
SEARCH = 0.01  # dollars, each
NEVER = 1 << 62


@dataclass(frozen=True)
class Price:
    """Dollars per million tokens."""

    input: float
    cached: float
    output: float
    written: float | None = None  # to the cache, for five minutes; None: as input
    kept: float | None = None  # for an hour
    long: int = NEVER  # tokens of context above which the next two apply
    long_input: float = 1.0  # times
    long_output: float = 1.0

    def cost(self, usage: TokenUsage) -> float:
        if usage.dollars is not None:
            return usage.dollars
        written = self.input if self.written is None else self.written
        kept = written if self.kept is None else self.kept
        taken = usage.input * self.input + usage.cached * self.cached + usage.written * written + usage.kept * kept
        is_long = usage.context > self.long
        given = usage.output * self.output * (self.long_output if is_long else 1)
        return (taken * (self.long_input if is_long else 1) + given) / MILLION + usage.searches * SEARCH


FREE = Price(0, 0, 0)
PRICES: Mapping[str, Price] = {
    "anthropic/claude-sonnet-4-6": Price(3, 0.3, 15, written=3.75, kept=6),
    "anthropic/claude-opus-5": Price(5, 0.5, 25, written=6.25, kept=10),
    "anthropic/claude-haiku-4-5": Price(1, 0.1, 5, written=1.25, kept=2),
    "openai/gpt-5.4": Price(2.5, 0.25, 15, long=272_000, long_input=2, long_output=1.5),
    "openai/gpt-5.4-mini": Price(0.75, 0.075, 4.5),
    "google/gemini-3.1-pro-preview": Price(2, 0.2, 12, long=200_000, long_input=2, long_output=1.5),
    "google/gemini-3-flash-preview": Price(0.5, 0.05, 3),
    "deepseek/deepseek-chat": Price(0.28, 0.028, 0.42),
    "deepseek/deepseek-reasoner": Price(0.28, 0.028, 0.42),
    DEMO_MODEL.id: FREE,
}
DEAREST = Price(10, 1, 50, written=12.5, kept=20)  # of a model that we know no price of


def price_of(model: str) -> Price:
    return PRICES.get(model, DEAREST)


def listed(default: str) -> frozenset[str]:
    """The models that may be asked: those to choose from, those with a price, and the one that was configured."""
    offered = {model.id for provider in PROVIDERS.values() for model in provider.models}
    return frozenset({*offered, *PRICES, default})
