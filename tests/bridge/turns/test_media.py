"""Files of an answer whose turn is stopped while they are fetched."""

from __future__ import annotations

from chalicelib.domain.kept import Media
from chalicelib.domain.turn import Handed
from container.bridge.turns.media import MediaShelf
from tests.fakes.bridge import Desk, FakeGateway
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


def test_whatever_goes_wrong_with_a_file_costs_that_file_alone() -> None:
    class Odd(FakeGateway):
        def fetch(self, session: str, artifact: str, most: int) -> bytes:
            if artifact == "odd":
                raise ValueError("not base64")
            return super().fetch(session, artifact, most)

    desk = Desk(gateway=Odd())
    desk.gateway.files = {"a": b"1"}
    shelf = MediaShelf(USER, desk.objects, desk.gateway, desk.time.sleep)
    lost, kept = shelf.take(MESSAGE, [Handed("x", artifact="odd"), Handed("a", artifact="a")])
    assert isinstance(lost, Handed) and lost.problem == "lost"
    assert isinstance(kept, Media)


def test_what_an_earlier_attempt_still_writes_is_another_file() -> None:
    desk = Desk()
    shelf = MediaShelf(USER, desk.objects, desk.gateway, desk.time.sleep)
    ids = set()
    for content in (b"1", b"2", b"2"):
        desk.gateway.files = {"a": content}
        (taken,) = shelf.take(MESSAGE, [Handed("a", artifact="a")])
        assert isinstance(taken, Media)
        ids.add(taken.id)
    assert len(ids) == 2
