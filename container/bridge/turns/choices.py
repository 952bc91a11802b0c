"""What each conversation of OpenClaw's was told of its owner's choices, so that it is told only what changes."""

from __future__ import annotations

from chalicelib.domain.settings import PermissionMode, Settings
from chalicelib.domain.turn import Choice


class ToldChoices:
    """Used by the threads of turns. A conversation has one turn at a time, so no entry has two writers."""

    def __init__(self, permission_mode: PermissionMode) -> None:
        """`permission_mode`: what OpenClaw was started with; its conversations have it without a word."""
        self._started_with = permission_mode
        self._told: dict[str, Choice] = {}  # by conversation

    def due(self, conversation_id: str, settings: Settings) -> Choice | None:
        """What OpenClaw is to be told; None where it knows.

        A conversation keeps what it was told: so the first message after a start tells all, if a choice was ever made.
        """
        mode = settings.permission_mode or self._started_with
        choice = Choice(settings.model, None if mode == self._started_with else mode)
        known = self._told.get(conversation_id, None if settings.chosen else Choice(None))
        return None if known == choice else choice

    def told(self, conversation_id: str, choice: Choice) -> None:
        self._told[conversation_id] = choice
