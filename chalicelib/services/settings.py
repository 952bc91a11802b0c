"""Settings: what a user may choose, checked; and the models there are to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.models import Models, available, default_model
from chalicelib.domain.settings import PERMISSION_MODES, PermissionMode, Settings
from chalicelib.errors import InvalidMessage
from chalicelib.ports import Secrets
from chalicelib.tables.agents import Agents
from chalicelib.tables.settings import SettingsRows

LONGEST_IDLE = 24 * 60  # minutes
LONGEST_OWN_WORK = 24  # hours
LANGUAGES = ("en", "ko")
CHECKED = ("model", "language", "permissionMode")


@dataclass(frozen=True)
class SettingsService:
    rows: SettingsRows
    agents: Agents
    secrets: Secrets
    default_idle: int  # minutes
    llm_model: str
    default_mode: PermissionMode

    def get(self, user_id: str) -> Settings:
        """What the owner has chosen; the deployment's idle time and permission mode where nothing was."""
        chosen, agent = self.rows.get(user_id), self.agents.get(user_id)
        mode = chosen.permission_mode or self.default_mode
        return replace(chosen, idle_minutes=agent.idle_minutes or self.default_idle, permission_mode=mode)

    def change(self, user_id: str, body: Mapping[str, Any]) -> Settings:
        """Checks all before it writes any. Raises InvalidMessage with what is possible."""
        facts: dict[str, Any] = {key: self._checked(key, body[key]) for key in CHECKED if key in body}
        if "mirrorToTelegram" in body:
            facts["mirror"] = _flag(body["mirrorToTelegram"])
        if "ownWorkHours" in body:
            facts["ownWorkHours"] = _whole("ownWorkHours", body, LONGEST_OWN_WORK)
        idle = _whole("idleMinutes", body, LONGEST_IDLE) if "idleMinutes" in body else None
        if facts:
            self.rows.change(user_id, **facts)
        if idle:
            self.agents.keep_idle(user_id, idle)
        return self.get(user_id)

    def models(self) -> Models:
        """Of the providers that have a key; the demo model where none has."""
        providers = self.secrets.providers()
        return Models(tuple(available(providers)), default_model(providers, self.llm_model))

    def _checked(self, key: str, value: Any) -> str | None:
        possible = self._possible(key)
        if value is not None and value not in possible:
            raise InvalidMessage(f"{key} is {value!r}, possible: {', '.join(possible)}")
        return None if value is None else str(value)

    def _possible(self, key: str) -> tuple[str, ...]:
        match key:
            case "language":
                return LANGUAGES
            case "permissionMode":
                return PERMISSION_MODES
        return tuple(model.id for model in self.models().models)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidMessage(f"mirrorToTelegram is {value!r}, wanted true or false")
    return value


def _whole(key: str, body: Mapping[str, Any], most: int) -> int:
    value = body[key]
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InvalidMessage(f"{key} is {value!r}, wanted a whole number from 1 to {most}")
    return value
