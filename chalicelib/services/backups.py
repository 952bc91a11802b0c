"""Restore points as their owner sees them: list, make one now, go back to one, take one home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.agent import Agent, State
from chalicelib.domain.archive import PART, Literal, Segment, lay_out, measure, slice_part
from chalicelib.domain.generations import Kind, Point
from chalicelib.domain.listing import Extent
from chalicelib.domain.notes import BACKUP_FAILING, NOTES
from chalicelib.domain.times import to_text
from chalicelib.errors import AgentBusy, ConditionFailed, DamagedBackup, InvalidMessage, StorageUnavailable
from chalicelib.pages import Pages
from chalicelib.ports import Clock, Doorbell, Objects
from chalicelib.tables.rows import Rows

BUDGET = timedelta(seconds=25)  # of the 29 that API Gateway waits
LIFETIME = timedelta(hours=1)  # of a download's address


@dataclass(frozen=True)
class Download:
    """An address, or how much of the file is ready: ask again."""

    filename: str
    size: int
    done: int
    url: str | None = None
    expires_at: datetime | None = None

    def fields(self) -> dict[str, Any]:
        """As REST shows it; who finds no `url` asks again."""
        shown: dict[str, Any] = {"filename": self.filename, "sizeBytes": self.size, "readyBytes": self.done}
        if self.url and self.expires_at:
            shown |= {"url": self.url, "expiresAt": to_text(self.expires_at)}
        return shown


@dataclass(frozen=True)
class BackupService:
    rows: Rows
    objects: Objects
    doorbell: Doorbell
    pages: Pages
    clock: Clock

    def points(self, user_id: str) -> tuple[Point, ...]:
        """Newest first: the first one is what the agent wakes up with."""
        return self._bucket(user_id).read().manifest.points[::-1]

    def ask(self, user_id: str) -> datetime:
        """The running agent makes one soon.

        Raises AgentBusy when there is nothing to back up, or nobody to do it; StorageUnavailable while none comes.
        """
        agent, now = self.rows.agents.get(user_id), self.clock()
        if agent.note == BACKUP_FAILING:
            raise StorageUnavailable(NOTES[BACKUP_FAILING])
        if agent.state is State.IDLE:
            raise AgentBusy("the agent sleeps: it made a backup when it fell asleep, and nothing has changed since")
        if not self.rows.backup_requests.request(agent, now):
            raise AgentBusy("the agent is starting or falling asleep; it makes a backup by itself")
        self.doorbell.ring(agent)
        return now

    def restore(self, user_id: str, point_id: str) -> Point:
        """What the agent wakes up with next time; the present state stays as a point, so that this can be undone.

        Raises AgentBusy unless it sleeps, NotFound, DamagedBackup.
        """
        agent = self._asleep(user_id)
        bucket, number = self._bucket(user_id), _number(point_id)
        held = bucket.read()
        source, head = held.manifest.find(number), held.manifest.head
        if head and (head == source or (head.kind is Kind.RESTORED and head.source == number)):
            return head
        _check(bucket, source)
        manifest = held.manifest.restored(number, self.clock())
        try:
            renewed = bucket.publish(held, manifest, manifest.epoch).manifest.head
        except ConditionFailed:
            raise AgentBusy("the agent is just waking up; put it to sleep, then restore") from None
        assert renewed is not None
        if noted := self.rows.agents.set_note(user_id, agent.epoch, None):
            self.pages.status(noted)
        return renewed

    def download(self, user_id: str, point_id: str) -> Download:
        """Works on the file for some seconds; what is done stays, so that the next call goes on."""
        bucket, deadline = self._bucket(user_id), self.clock() + BUDGET
        point = bucket.read().manifest.find(_number(point_id))
        segments = lay_out(bucket.listing(point.listing))
        key = f"downloads/{user_id}/{point.listing}.tar"  # a rule of the bucket expires what lies there
        name, size = f"openclaw-{point.made_at:%Y-%m-%d-%H%M}.tar", measure(segments)
        if self.objects.size(key) != size and (done := self._upload(bucket, key, segments, deadline)) < size:
            return Download(name, size, done)
        return Download(name, size, size, self.objects.presign(key, name, LIFETIME), self.clock() + LIFETIME)

    def _upload(self, bucket: BackupBucket, key: str, segments: list[Segment], deadline: datetime) -> int:
        """How many bytes are there. At least one part is made, so that every call comes nearer to the end; another one
        if there is time for as long a part as there was."""
        size, longest = measure(segments), timedelta()
        upload = self.objects.begin(key)
        parts = dict(self.objects.parts(key, upload))
        for number, begin in enumerate(range(0, size, PART), start=1):
            if number in parts:
                continue
            if longest and self.clock() + longest > deadline:
                break
            began = self.clock()
            body = _make_part(bucket, segments, begin, min(begin + PART, size))
            parts[number] = self.objects.add_part(key, upload, number, body)
            longest = max(longest, self.clock() - began)
        if len(parts) < -(-size // PART):
            return len(parts) * PART
        self.objects.finish(key, upload, parts)
        return size

    def _asleep(self, user_id: str) -> Agent:
        agent = self.rows.agents.get(user_id)
        if agent.state is not State.IDLE:
            raise AgentBusy(
                "the agent is awake; put it to sleep first, so that it does not write over what you restore"
            )
        return agent

    def _bucket(self, user_id: str) -> BackupBucket:
        return BackupBucket(user_id, self.objects)


def _make_part(bucket: BackupBucket, segments: list[Segment], begin: int, end: int) -> bytes:
    body = bytearray(end - begin)
    by_pack: dict[str, list[tuple[int, Extent]]] = {}
    for at, segment in slice_part(segments, begin, end):
        if isinstance(segment, Literal):
            body[at : at + segment.length] = segment.content
        else:
            by_pack.setdefault(segment.pack, []).append((at, segment))
    _fill(body, bucket, by_pack)
    return bytes(body)


def _fill(body: bytearray, bucket: BackupBucket, by_pack: Mapping[str, list[tuple[int, Extent]]]) -> None:
    for pack, pieces in by_pack.items():
        content = bucket.pack(pack)
        for at, extent in pieces:
            part = content[extent.offset : extent.offset + extent.length]
            if len(part) < extent.length:
                raise DamagedBackup("a file goes beyond the end of a pack")
            body[at : at + extent.length] = part


def _check(bucket: BackupBucket, point: Point) -> None:
    """Nobody should go back to what cannot be restored."""
    needed = {bucket.pack_key(pack) for pack in bucket.listing(point.listing).live()}
    missing = needed - {each.key for each in bucket.objects.list(bucket.prefix)}
    if missing:
        raise DamagedBackup(f"{len(missing)} objects of this backup are missing: choose another one")


def _number(point_id: str) -> int:
    if not point_id.isdecimal():
        raise InvalidMessage(f"a backup's id is a number, not {point_id!r:.40}")
    return int(point_id)
