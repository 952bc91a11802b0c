"""Files of an answer whose turn is stopped while they are fetched."""

from __future__ import annotations

from chalicelib.domain.kept import Media
from chalicelib.domain.turn import Handed
from container.bridge.turns.media import MediaShelf
from tests.fakes.bridge import Desk
from tests.fakes.values import MESSAGE
from tests.tables.scenes import USER


def test_stop_is_heard_between_two_files() -> None:
    """Found by the simulation (seed 947): each of ten may take OpenClaw many seconds."""
    desk = Desk()
    desk.gateway.files = {"a": b"1", "b": b"2"}
    shelf = MediaShelf(USER, desk.objects, desk.gateway, desk.time.sleep)
    taken: list[Media | Handed] = []
    for each in shelf.take(MESSAGE, [Handed("a", artifact="a"), Handed("b", artifact="b")], lambda: not taken):
        taken.append(each)
    first, second = taken
    assert isinstance(first, Media)
    assert isinstance(second, Handed)
    assert second.problem == "lost"
    assert len([call for call in desk.objects.calls if call.startswith("put")]) == 1
