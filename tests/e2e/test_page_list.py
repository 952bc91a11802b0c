"""The list of conversations: a page of it, and more by a button."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from chalicelib.domain.conversation import Conversation
from chalicelib.tables.conversations import Conversations
from local.names import OWNER
from tests.e2e.browser import WARM
from tests.e2e.cloud import Cloud
from tests.e2e.shared import running

MANY = 60
NOON = datetime.fromisoformat("2020-01-01T12:00:00+00:00")


def test_more_conversations_are_shown_by_a_button(context: BrowserContext, tmp_path: Path) -> None:
    with running(tmp_path / "state") as product:
        rows = Conversations(Cloud.of(product).store)
        for number in range(MANY):
            rows.ensure(OWNER, Conversation(str(uuid.uuid4()), f"old {number}", 2, NOON + timedelta(minutes=number)))
        page = context.new_page()
        page.goto(product.origin)
        listed = page.get_by_role("navigation", name="Conversations").get_by_role("link")
        expect(listed).to_have_count(50, timeout=WARM)
        assert listed.first.inner_text() == "old 59"

        page.get_by_role("button", name="Show more conversations").click()

        expect(listed).to_have_count(MANY, timeout=WARM)
        expect(page.get_by_role("button", name="Show more conversations")).to_have_count(0)
