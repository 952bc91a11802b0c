"""The pace of one chat: about one change a second, and nothing while Telegram asks us to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from container.bridge.telegram.post import Post

PACE = timedelta(seconds=1)
TYPING = timedelta(seconds=4.5)  # it shows for five
FADING = timedelta(seconds=20)  # a draft passes after thirty
LONGEST_PAUSE = 60.0  # seconds between tries
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class ChatPace:
    """The courier's thread alone uses it."""

    free_at: datetime = NEVER  # it takes nothing before
    spoke_at: datetime = NEVER
    typed_at: datetime = NEVER
    drafts: bool = True  # are they possible here?
    failures: int = 0  # in a row

    def due(self, post: Post) -> datetime | None:
        """When the post wants something done; None while it does not."""
        if post.final:  # what is ready does not wait for the pace of what was in the making
            return self._after(self.spoke_at, PACE) if post.final.sent else self.free_at
        if post.told.bubble is None:
            return self.free_at
        if post.dirty or post.asks:
            return self._after(self.spoke_at, PACE)
        last = max(self.typed_at, self.spoke_at) if post.text else self.typed_at
        return self._after(last, TYPING) if post.working else None

    def fades(self, post: Post, now: datetime) -> bool:
        """The draft must be shown again, although nothing was added."""
        return bool(post.text) and self.drafts and now > self._after(self.spoke_at, FADING)

    def rest(self, now: datetime) -> None:
        """After a failure, longer each time."""
        self.failures += 1
        self.free_at = now + timedelta(seconds=min(LONGEST_PAUSE, 0.5 * 2**self.failures))

    def _after(self, last: datetime, pause: timedelta) -> datetime:
        return self.free_at if last == NEVER else max(self.free_at, last + pause)
