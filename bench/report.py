"""What every benchmark prints: medians, spread and n; ratios and differences of things measured side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def milliseconds(name: str, values: Sequence[float]) -> None:
    print(f"{name:<46} median {median(values) * 1000:8.1f} ms   p95 {p95(values) * 1000:8.1f} ms   n={len(values)}")


def verdict(name: str, value: float, target: float, unit: str) -> None:
    """Says whether a published target holds; a benchmark never fails for it."""
    print(f"{name:<46} {value:8.2f} {unit:<4} target ≤ {target:g} {unit}: {'holds' if value <= target else 'MISSED'}")


def processor_time(pid: int) -> float:
    """Seconds that a process has used, and those of its children that have ended; little of it depends on the load."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
