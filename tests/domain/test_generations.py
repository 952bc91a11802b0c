"""Restore points: what is kept, what is garbage, who may write, and what a damaged manifest gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.generations import (
    MOST_KEPT,
    Kind,
    Manifest,
    Point,
    Stored,
    decode_manifest,
    describe,
    encode_manifest,
    garbage,
    select_points,
)
from chalicelib.errors import DamagedBackup, Fenced, NotFound

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def point(number: int, ago: timedelta = timedelta(), **facts: object) -> Point:
    made = Point(number, f"{number:064x}", NOON - ago, 1, Kind.RUNNING, 1000, 3)
    return replace(made, **facts)  # type: ignore[arg-type]


def every(step: timedelta, count: int) -> list[Point]:
    """The oldest is number 1, the newest is from now."""
    return [point(count - each, each * step) for each in range(count)]


def test_of_a_day_the_last_of_each_hour_is_kept() -> None:
    kept = select_points(every(timedelta(minutes=10), 6 * 12), NOON)

    assert [each.made_at.minute for each in kept[:-3]] == [50] * 11
    assert [NOON - each.made_at for each in kept[-3:]] == [timedelta(minutes=20), timedelta(minutes=10), timedelta()]


def test_of_a_month_the_last_of_each_day_is_kept() -> None:
    kept = select_points(every(timedelta(hours=1), 24 * 60), NOON)

    older = [each for each in kept if NOON - each.made_at >= timedelta(days=1)]
    assert [each.made_at.hour for each in older] == [23] * len(older)
    assert len(older) == 29
    assert all(NOON - each.made_at < timedelta(days=30) for each in kept)


def test_keeping_twice_keeps_the_same() -> None:
    once = select_points(every(timedelta(minutes=7), 1000), NOON)
    assert select_points(once, NOON) == once


def test_the_newest_are_kept_however_old_they_are() -> None:
    old = [point(number, timedelta(days=400 - number)) for number in range(6)]
    assert select_points(old, NOON) == tuple(old[-3:])
    assert select_points([], NOON) == ()


def test_what_somebody_asked_for_is_kept_for_a_month() -> None:
    asked = point(1, timedelta(days=20, minutes=1), kept=True)
    other = point(0, timedelta(days=20, minutes=2))
    later = [point(2, timedelta(days=20)), *(point(number) for number in (3, 4, 5))]

    assert select_points([other, asked, *later], NOON) == (asked, *later)
    assert asked not in select_points([asked, *later], NOON + timedelta(days=11))


def test_asking_without_end_does_not_fill_the_manifest() -> None:
    asked = [point(number, timedelta(seconds=200 - number), kept=True) for number in range(1, 200)]
    assert len(select_points(asked, NOON)) <= MOST_KEPT + 3


def test_a_newer_epoch_takes_the_manifest_and_an_older_one_cannot() -> None:
    claimed = Manifest(epoch=3, points=(point(1),)).claimed(4)

    assert (claimed.epoch, claimed.points) == (4, (point(1),))
    assert claimed.claimed(4) == claimed
    with pytest.raises(Fenced):
        claimed.claimed(3)


def test_a_restored_point_is_the_newest_and_what_it_replaced_is_kept() -> None:
    manifest = Manifest(epoch=2, points=(point(1, timedelta(minutes=2)), point(2, timedelta(minutes=1))))

    restored = manifest.restored(1, NOON)

    assert restored.head and restored.head.listing == point(1).listing
    assert (restored.head.number, restored.head.kind, restored.head.source) == (3, Kind.RESTORED, 1)
    later = restored.grown(point(4), NOON + timedelta(minutes=1))
    assert later.find(2).kept
    assert later.restored(2, NOON).points[-1].listing == point(2).listing


def test_a_point_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="7"):
        Manifest().find(7)


def test_garbage_is_what_nobody_needs_and_nobody_can_be_about_to_need() -> None:
    old, young = NOON - timedelta(days=2), NOON - timedelta(hours=1)
    objects = [Stored("kept", old), Stored("old", old), Stored("being made", young)]

    assert garbage(objects, {"kept"}, NOON) == ["old"]


def test_garbage_is_collected_once_a_day() -> None:
    assert Manifest().sweep_due(NOON)
    assert not Manifest(swept_at=NOON).sweep_due(NOON + timedelta(hours=23))
    assert Manifest(swept_at=NOON).sweep_due(NOON + timedelta(hours=24))


def test_a_manifest_is_read_as_it_was_written() -> None:
    manifest = Manifest(5, (point(1), point(2, kept=True, kind=Kind.RESTORED, source=1)), NOON)
    assert decode_manifest(encode_manifest(manifest)) == manifest
    assert decode_manifest(encode_manifest(Manifest())) == Manifest()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"epoch":1,"points":[{}]}', b"\xff", b'{"epoch":1,"points":3}'])
def test_a_manifest_that_cannot_be_read_is_never_an_empty_one(body: bytes) -> None:
    with pytest.raises(DamagedBackup):
        decode_manifest(body)


def test_the_page_sees_what_a_point_is() -> None:
    shown = describe(point(7, kind=Kind.RESTORED, source=3, kept=True))

    assert shown == {
        "id": "7",
        "madeAt": "2026-03-10T12:00:00.000Z",
        "kind": "restored",
        "sizeBytes": 1000,
        "files": 3,
        "kept": True,
        "restored": "3",
    }
