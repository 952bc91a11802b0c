"""What a user has chosen: rows of the Settings table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.ports import Item, Store, Table, Update


@dataclass(frozen=True)
class Preferences:
    model: str | None = None
    language: str | None = None
    mirror: bool = False  # what is said on the page is shown in the linked chats too


@dataclass(frozen=True)
class PreferenceRows:
    store: Store

    def get(self, user_id: str) -> Preferences:
        row: Item = self.store.get(Table.SETTINGS, _key(user_id)) or {}
        return Preferences(model=row.get("model"), language=row.get("language"), mirror=row.get("mirror", False))

    def change(self, user_id: str, **facts: Any) -> None:
        self.store.write(Update(Table.SETTINGS, _key(user_id), set=facts))


def _key(user_id: str) -> dict[str, str]:
    return {"userId": user_id, "sk": "profile"}
