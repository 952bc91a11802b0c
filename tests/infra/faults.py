"""An adapter of the driver that breaks at one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.context import StepContext


@dataclass
class Fault:
    """The `call`th call of an adapter's method fails, `after` it was done or before."""

    adapter: str
    method: str
    error: BaseException
    call: int = 1
    after: bool = False


class Faulty:
    """An adapter with a fault in it."""

    def __init__(self, adapter: Any, fault: Fault) -> None:
        self._adapter, self._fault, self._calls = adapter, fault, 0

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self._adapter, name)
        return self._breaking(method) if name == self._fault.method else method

    def _breaking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self._calls += 1
            due = self._calls == self._fault.call
            if due and not self._fault.after:
                raise self._fault.error
            result = method(*arguments, **options)
            if due:
                raise self._fault.error
            return result

        return call


def break_at(context: StepContext, fault: Fault) -> StepContext:
    """The same context, with the fault in it."""
    place: Any = context if hasattr(context, fault.adapter) else context.aws
    setattr(place, fault.adapter, Faulty(getattr(place, fault.adapter), fault))
    return context
