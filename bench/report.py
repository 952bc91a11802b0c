"""What every benchmark prints: medians, spread and n; ratios and differences of things measured side by side."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def milliseconds(name: str, values: Sequence[float]) -> None:
    print(f"{name:<46} median {median(values) * 1000:8.1f} ms   p95 {p95(values) * 1000:8.1f} ms   n={len(values)}")


def verdict(name: str, value: float, target: float, unit: str) -> None:
    """Says whether a published target holds; a benchmark never fails for it."""
    print(f"{name:<46} {value:8.2f} {unit:<4} target ≤ {target:g} {unit}: {'holds' if value <= target else 'MISSED'}")
