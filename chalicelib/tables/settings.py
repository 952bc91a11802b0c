"""What an owner has chosen: rows of the Settings table. The idle time is on the agent's row, for the watchdog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.settings import OWN_WORK_HOURS, Settings
from chalicelib.store import Item, Store, Table, Update


@dataclass(frozen=True)
class SettingsRows:
    store: Store

    def get(self, user_id: str) -> Settings:
        """Without the idle time."""
        row: Item = self.store.get(Table.SETTINGS, _key(user_id)) or {}
        return Settings(
            model=row.get("model"),
            language=row.get("language"),
            permission_mode=row.get("permissionMode"),
            mirror=row.get("mirror", False),
            own_work_hours=row.get("ownWorkHours", OWN_WORK_HOURS),
            chosen=row.get("chosen", "model" in row),
        )

    def change(self, user_id: str, **facts: Any) -> None:
        told = {"chosen": True} if facts.keys() & {"model", "permissionMode"} else {}
        self.store.write(Update(Table.SETTINGS, _key(user_id), set={**facts, **told}))


def _key(user_id: str) -> dict[str, str]:
    return {"userId": user_id, "sk": "profile"}
