"""Answers that no row can hold: committed once, whole everywhere; what can never be kept is told at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from chalicelib.domain.inbox import Delivery
from chalicelib.domain.lengths import CUT
from chalicelib.domain.protocol import FRAME_BYTES
from chalicelib.domain.stream import digest
from chalicelib.domain.turn import Attachment, Choice, Delta, Finished, TurnEvent
from chalicelib.errors import Unstorable
from chalicelib.store import Item, Put, Write
from tests.fakes.bridge import Desk, FakeGateway
from tests.fakes.store import MemoryStore
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept, counters

WORDS = "긴 답 "
LONG = WORDS * 60_000


class Talkative(FakeGateway):
    """Answers with `said`, in pieces."""

    said = LONG

    def run(
        self,
        session: str,
        message_id: str,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        fresh: bool = False,
        choice: Choice | None = None,
    ) -> Iterator[TurnEvent]:
        self.asked.append(text)
        for at in range(0, len(self.said), 10_000):
            yield Delta(self.said[at : at + 10_000])
        yield Finished(self.said, "stop", None)


class Strict(MemoryStore):
    """Refuses rows as DynamoDB does: above 400 KB."""

    refused = 0
    limit = 400_000

    def write(self, *writes: Write) -> Item:
        for write in writes:
            if isinstance(write, Put) and len(json.dumps(dict(write.item), ensure_ascii=False).encode()) > self.limit:
                self.refused += 1
                raise Unstorable("Item size has exceeded the maximum allowed size")
        return super().write(*writes)


def desk(store: MemoryStore | None = None) -> Desk:
    return Desk(store=store or Strict(), gateway=Talkative())


def rendered(frames: Sequence[Item]) -> str:
    text = ""
    for frame in frames:
        if frame["type"] == "stream_chunk":
            text = frame["content"] if frame.get("replace") else text + frame["content"]
    return text


def test_an_answer_above_400_kb_is_committed_once_and_whole() -> None:
    scene = desk()
    accept(scene.store, "m1", "Tell me everything")
    scene.settle()

    assert scene.answers() == [LONG]
    assert scene.gateway.asked == ["Tell me everything"]
    (end,) = (frame for frame in scene.push.frames["page"] if frame["type"] == "stream_end")
    assert (end["chars"], end["sha256"]) == (len(LONG), digest(LONG))
    assert rendered(scene.push.frames["page"]) == LONG
    assert counters(scene.store) == (0, 0, 0)


def test_a_bucket_that_is_away_for_a_minute_delays_the_commit() -> None:
    scene = desk()
    refused = iter(range(10))
    scene.objects.refuses = lambda call: call.startswith("put") and next(refused, None) is not None
    accept(scene.store, "m1", "Tell me everything")
    scene.settle()
    assert scene.answers() == [LONG]
    assert scene.gateway.asked == ["Tell me everything"]


def test_a_write_whose_answer_is_lost_leaves_one_object() -> None:
    scene = desk()
    lost = iter(range(2))
    scene.objects.loses = lambda call: call.startswith("put") and next(lost, None) is not None
    accept(scene.store, "m1", "Tell me everything")
    scene.settle()
    assert scene.answers() == [LONG]
    assert len(scene.objects.bodies) == 1


def test_what_was_not_delivered_comes_whole_in_frames_that_fit() -> None:
    """An answer that a container committed and did not live to tell."""
    scene = desk()
    accept(scene.store, "m1", "Tell me everything")
    scene.settle()
    scene.push.frames["page"].clear()

    scene.deliveries.redeliver(Delivery(USER, 2, "web", TALK))

    frames = scene.push.frames["page"]
    assert rendered(frames) == LONG
    assert max(len(json.dumps(frame, ensure_ascii=False).encode()) for frame in frames) <= FRAME_BYTES


def test_an_answer_without_end_ends_with_a_line_that_says_so() -> None:
    gateway = Talkative()
    gateway.said = "가" * 900_000
    scene = Desk(store=Strict(), gateway=gateway)
    accept(scene.store, "m1", "Tell me everything")
    scene.settle()

    (answer,) = scene.answers()
    assert answer.endswith(CUT)
    assert answer.startswith("가" * 700_000)
    assert rendered(scene.push.frames["page"]) == answer


def test_an_answer_that_the_tables_refuse_for_good_is_a_true_notice_at_once() -> None:
    store, gateway = Strict(), Talkative()
    store.limit, gateway.said = 50_000, "x" * 90_000
    scene = Desk(store=store, gateway=gateway)
    accept(store, "m1", "Tell me everything")
    scene.settle()

    (_, notice) = scene.rows.conversations.entries(USER, TALK)
    assert (notice.role, notice.status, notice.retryable) == ("notice", "failed", True)
    assert "the answer could not be stored" in notice.text
    assert (store.refused, gateway.asked, scene.events) == (1, ["Tell me everything"], [])
    assert scene.shown()[-1] == "message"
    assert counters(store) == (0, 0, 0)
