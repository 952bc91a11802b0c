"""Which model each conversation of OpenClaw's was told to use, so that it is told only what changes."""

from __future__ import annotations

from chalicelib.domain.turn import Choice


class ModelChoice:
    """Used by the threads of turns. A conversation has one turn at a time, so no entry has two writers."""

    def __init__(self) -> None:
        self._told: dict[str, Choice] = {}  # by conversation

    def due(self, conversation_id: str, model: str | None) -> Choice | None:
        """What OpenClaw is to be told; None where it knows. Without a word it uses the agent's own."""
        choice = Choice(model)
        return None if self._told.get(conversation_id, Choice(None)) == choice else choice

    def told(self, conversation_id: str, choice: Choice) -> None:
        self._told[conversation_id] = choice
