"""Which images tasks have run, which were refused or taken back, and the digests of those that were built.

Kept in the account, for every machine.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from infra.adapters.buckets import Buckets, Upload

PLACE = "driver/images.json"  # in the data bucket
REMEMBERED = 20  # used ones
GO_BACK = 2  # images beside the one in use


@dataclass(frozen=True)
class ImageRecord:
    used: tuple[str, ...] = ()  # tags, the newest last
    refused: Mapping[str, str] = field(default_factory=dict)  # why, by tag
    digests: Mapping[str, str] = field(default_factory=dict)  # of what was built, by tag

    def use(self, tag: str) -> ImageRecord:
        """Whatever was against it has been overcome."""
        used = (*(each for each in self.used if each != tag), tag)[-REMEMBERED:]
        return replace(self, used=used, refused={each: why for each, why in self.refused.items() if each != tag})

    def refuse(self, tag: str, why: str) -> ImageRecord:
        return replace(self, refused={**self.refused, tag: why})

    def with_digest(self, tag: str, digest: str) -> ImageRecord:
        """The newest last; none when it is empty."""
        others = {each: known for each, known in self.digests.items() if each != tag}
        newest = list({**others, **({tag: digest} if digest else {})}.items())[-REMEMBERED:]
        return replace(self, digests=dict(newest))

    def before(self, tag: str) -> list[str]:
        """What could be gone back to from `tag`, the best first."""
        return [each for each in reversed(self.used) if each != tag and each not in self.refused]

    def dispensable(self, tags: Sequence[str], in_use: str, running: Collection[str]) -> list[str]:
        """Of the images there are, newest first: all but the one in use, two to go back to, and those that run now."""
        back = [tag for tag in (*self.before(in_use), *tags) if tag in tags and tag not in {in_use, *self.refused}]
        kept = {in_use, *running, *list(dict.fromkeys(back))[:GO_BACK]}
        return [tag for tag in tags if tag not in kept]


def read_images(buckets: Buckets, bucket: str) -> ImageRecord:
    found = json.loads(buckets.get(bucket, PLACE) or b"{}")
    return ImageRecord(tuple(found.get("used", ())), dict(found.get("refused", {})), dict(found.get("digests", {})))


def write_images(buckets: Buckets, bucket: str, record: ImageRecord) -> None:
    fields = {"used": record.used, "refused": dict(record.refused), "digests": dict(record.digests)}
    body = json.dumps(fields, indent=2).encode()
    buckets.put(bucket, Upload(PLACE, body, "application/json", "no-store"))
