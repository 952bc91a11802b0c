"""Which model each conversation of OpenClaw's was told to use, so that it is told only what changes."""

from __future__ import annotations

from container.bridge.ports import Gateway


class ModelChoice:
    """Used by the threads of turns. A conversation has one turn at a time, so no entry has two writers."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._told: dict[str, str | None] = {}  # by conversation

    def choose(self, conversation_id: str, model: str | None) -> None:
        """Raises ModelRefused."""
        if self._told.get(conversation_id) != model:
            self._gateway.set_model(conversation_id, model)
            self._told[conversation_id] = model
