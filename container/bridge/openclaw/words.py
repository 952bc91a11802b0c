"""All that a turn says, in order: each part on its own, a blank line between them. No I/O.

A part is what one call of the model says before it uses a tool, or ends. OpenClaw tells a part by its whole text so
far; what it tells of several parts together is not complete, so that is never used. Comparing with what was shown makes
all special cases one: increments, a part taken back for a retry, a lost socket, and a run resumed under another id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalicelib.domain.turn import Delta, TurnEvent

BETWEEN = "\n\n"
LOOPED = "OpenClaw stopped this run because tool-loop"  # its own words, told as if the model had said them
_HANDED = re.compile(r"^[ \t]*MEDIA:[^\n]*\n?", re.MULTILINE)  # left over where OpenClaw did not take the file
_SO_FAR = "so far"


def join(parts: Iterable[str]) -> str:
    return BETWEEN.join(part for each in parts if (part := _HANDED.sub("", each).strip()))


class Spoken:
    def __init__(self) -> None:
        self.shown = ""
        self._before = ""  # of the transcript
        self._parts: dict[str, str] = {}  # told since
        self._open: str | None = None  # the part that is being said
        self._next: str | None = None  # from which the next part starts anew
        self._heard: set[str] = set()  # parts told since the transcript was asked for, which may be older than they are

    def say(self, part: str, text: str, *, whole: bool = False) -> list[TurnEvent]:
        """`whole`: all of it, told under another name than its pieces were."""
        if self._next is not None:
            self._settle(self._next)
        self._parts.pop(_SO_FAR, None)
        known = self._parts.get(self._open or "", "").strip()
        if whole and self._open is not None and text.startswith(known):
            part = self._open
        self._parts[part] = text
        self._open = part
        self._heard.add(part)
        return self._show()

    def close(self) -> None:
        """A tool is used: what comes next is another part."""
        self._open = None

    def mark(self) -> None:
        """The transcript is asked for now."""
        self._heard.clear()

    def settle(self, text: str) -> list[TurnEvent]:
        """The transcript says it all."""
        self._settle(text)
        return self._show()

    def rejoin(self, text: str, so_far: str | None) -> list[TurnEvent]:
        """A run that goes on: the transcript's part of it, and what was told while that was asked for.

        `so_far` is what OpenClaw tells of the part behind it, and of those before; None where it tells nothing.
        """
        if newer := self._find_newer(text):
            is_open = self._open
            self._settle(text)
            self._parts, self._open = newer, is_open if is_open in newer else None
        elif so_far is None:
            self.restart(text)
            return []
        else:
            self._settle(text)
            self._parts = {_SO_FAR: so_far[len(text) :]} if so_far.startswith(text) else {}
        return self._show()

    def finish(self, text: str) -> list[TurnEvent]:
        """The end of a run repeats its last part, or all of them, with gaps: used as far as it fits what is known."""
        if self._next is not None:
            self._settle(self._next)
        last = next(reversed(self._parts), "")
        if (not self._before and len(self._parts) <= 1) or text.startswith(self._joined):
            self._settle(text)
        elif text.startswith(self._parts.get(last, "").strip()):
            self._parts[last] = text
        return self._show()

    def restart(self, text: str) -> None:
        """As soon as there is more to show, it stands behind this, and what else was shown is void."""
        self._next = text

    def _find_newer(self, text: str) -> dict[str, str]:
        """Parts that it does not have, in order."""
        told, at = BETWEEN + text, 0
        newer: dict[str, str] = {}
        for part in (part for part in self._parts if part in self._heard):
            found = told.find(BETWEEN + join([self._parts[part]]), at)
            if newer or found < 0:
                newer[part] = self._parts[part]
            at = max(at, found + 1)
        return newer

    def _settle(self, text: str) -> None:
        self._before, self._parts, self._open, self._next = text, {}, None, None

    @property
    def _joined(self) -> str:
        return join([self._before, *self._parts.values()])

    def _show(self) -> list[TurnEvent]:
        shown, self.shown = self.shown, self._joined
        if self.shown == shown:
            return []
        if self.shown.startswith(shown):
            return [Delta(self.shown[len(shown) :])]
        return [Delta(self.shown, replace=True)]
