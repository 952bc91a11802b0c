"""Generations of what an agent knows: the manifest, which restore points it keeps, and which objects are garbage.

The manifest is the only object that ever changes. It names the immutable generations that can be restored, newest
last, and the epoch that may write it: a container claims it before it restores, so that one of an older epoch can
neither miss the end of its time nor replace what a newer one has written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from chalicelib.domain.listing import MALFORMED, listed, object_name, whole
from chalicelib.domain.times import from_text, to_text
from chalicelib.errors import DamagedBackup, Fenced, NotFound

HOURLY_FOR = timedelta(days=1)
DAILY_FOR = timedelta(days=30)
RECENT = 3  # whatever their hour: the way out when the newest is damaged
MOST_KEPT = 50  # of the points somebody asked for or restored over
GRACE = timedelta(days=1)  # objects younger than this may belong to a backup that is being made
SWEEP_EVERY = timedelta(days=1)
MOST_NAMED = 20  # of what a point lacks
LONGEST_SHOWN = 120  # characters of a name
REPLACEMENT = "\ufffd"


class Kind(Enum):
    """Why a point was made."""

    RUNNING = "running"
    STOP = "stop"
    ASKED = "asked"
    RESTORED = "restored"


@dataclass(frozen=True)
class Point:
    """One generation, and when it became the newest."""

    number: int
    listing: str  # SHA-256 of the stored listing, which is also its name
    made_at: datetime
    epoch: int
    kind: Kind
    size: int  # bytes of all files together
    files: int
    kept: bool = False  # for the whole month: asked for, or what a restore replaced
    source: int | None = None  # the point that was restored
    incomplete: tuple[str, ...] = ()  # the first names of what is not in it, or not as it was
    incomplete_count: int = 0  # of all of them


def shown_name(path: str) -> str:
    """For people: no name on a disk may break a line, a frame or a table."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = "".join(each if each.isprintable() else REPLACEMENT for each in text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN // 2]}…{text[-LONGEST_SHOWN // 2 + 1 :]}"


@dataclass(frozen=True)
class Stored:
    """An object in the bucket, as far as garbage collection needs to know it."""

    key: str
    modified_at: datetime


@dataclass(frozen=True)
class Manifest:
    epoch: int = 0
    points: tuple[Point, ...] = ()  # oldest first; the last one is what a start restores
    swept_at: datetime | None = None  # when garbage was last collected

    @property
    def head(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def next_number(self) -> int:
        return self.head.number + 1 if self.head else 1

    def find(self, number: int) -> Point:
        for point in self.points:
            if point.number == number:
                return point
        raise NotFound(f"there is no restore point {number}")

    def claimed(self, epoch: int) -> Manifest:
        """From now on only this epoch writes. Raises Fenced when a newer one has begun."""
        if self.epoch > epoch:
            raise Fenced(f"epoch {epoch} is over, {self.epoch} owns the backups")
        return replace(self, epoch=epoch)

    def grown(self, point: Point, now: datetime) -> Manifest:
        return replace(self, points=select_points((*self.points, point), now))

    def restored(self, number: int, now: datetime) -> Manifest:
        """The old point becomes the newest; the one it replaces is kept, so that this can be undone."""
        source, head = self.find(number), self.head
        assert head is not None
        renewed = replace(
            source,
            number=self.next_number,
            made_at=now,
            epoch=self.epoch,
            kind=Kind.RESTORED,
            kept=False,
            source=number,
        )
        before = (*self.points[:-1], replace(head, kept=True))
        return replace(self, points=before).grown(renewed, now)

    def sweep_due(self, now: datetime) -> bool:
        return self.swept_at is None or now - self.swept_at >= SWEEP_EVERY


def select_points(points: Iterable[Point], now: datetime) -> tuple[Point, ...]:
    """The newest few; the last of each hour for a day, of each day for a month; for a month what must be kept."""
    ordered = sorted(points, key=lambda point: point.number)
    chosen = {point.number for point in ordered[-RECENT:]}
    chosen |= _last_of_each(ordered, now - HOURLY_FOR, lambda at: at.strftime("%Y-%m-%d %H"))
    chosen |= _last_of_each(ordered, now - DAILY_FOR, lambda at: at.strftime("%Y-%m-%d"))
    kept = [point.number for point in ordered if point.kept and point.made_at > now - DAILY_FOR]
    chosen |= set(kept[-MOST_KEPT:])
    return tuple(point for point in ordered if point.number in chosen)


def _last_of_each(points: Iterable[Point], since: datetime, span: Callable[[datetime], str]) -> set[int]:
    last = {span(point.made_at): point.number for point in points if point.made_at > since}
    return set(last.values())


def garbage(objects: Iterable[Stored], live: Collection[str], now: datetime) -> list[str]:
    """Keys that no kept generation needs and that are too old to belong to one that is being made."""
    return [each.key for each in objects if each.key not in live and now - each.modified_at > GRACE]


def encode_manifest(manifest: Manifest) -> bytes:
    fields = {
        "version": 1,
        "epoch": manifest.epoch,
        "sweptAt": to_text(manifest.swept_at) if manifest.swept_at else None,
        "points": [_point_fields(point) for point in manifest.points],
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def decode_manifest(body: bytes) -> Manifest:
    """Raises DamagedBackup."""
    try:
        fields = json.loads(body)
        points = tuple(_read_point(each) for each in listed(fields["points"]))
        swept = fields.get("sweptAt")
        numbers = [point.number for point in points]
        if numbers != sorted(set(numbers)):
            raise ValueError("the points are not in order")
        return Manifest(whole(fields["epoch"]), points, _moment(swept) if swept else None)
    except MALFORMED as error:
        raise DamagedBackup(f"the manifest cannot be read: {error!r:.200}") from None


def describe(point: Point) -> dict[str, Any]:
    """A restore point as REST shows it."""
    return {
        "id": str(point.number),
        "madeAt": to_text(point.made_at),
        "kind": point.kind.value,
        "sizeBytes": point.size,
        "files": point.files,
        "kept": point.kept,
        "restored": None if point.source is None else str(point.source),
        **_incomplete_fields(point),
    }


def _incomplete_fields(point: Point) -> dict[str, Any]:
    """Only where something is missing, so that the others stay as they were."""
    if not point.incomplete:
        return {}
    return {"incomplete": list(point.incomplete), "incompleteCount": point.incomplete_count}


def _point_fields(point: Point) -> Mapping[str, Any]:
    return {
        "number": point.number,
        "listing": point.listing,
        "madeAt": to_text(point.made_at),
        "epoch": point.epoch,
        "kind": point.kind.value,
        "size": point.size,
        "files": point.files,
        "kept": point.kept,
        "source": point.source,
        **_incomplete_fields(point),
    }


def _moment(text: str) -> datetime:
    moment = from_text(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r:.40} names no zone")
    return moment


def _read_point(fields: Mapping[str, Any]) -> Point:
    return Point(
        number=whole(fields["number"]),
        listing=object_name(fields["listing"]),
        made_at=_moment(fields["madeAt"]),
        epoch=whole(fields["epoch"]),
        kind=Kind(fields["kind"]),
        size=whole(fields["size"]),
        files=whole(fields["files"]),
        kept=bool(fields.get("kept")),
        source=None if fields.get("source") is None else whole(fields["source"]),
        incomplete=tuple(shown_name(str(each)) for each in listed(fields.get("incomplete", [])))[:MOST_NAMED],
        incomplete_count=whole(fields.get("incompleteCount", 0)),
    )
