"""CloudFront: which path goes to which origin, by which methods, and errors that it goes on giving for a while.

All of it is as infra/template.yaml configures it. What an origin has answered well is never kept here.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.template import properties
from local.web import answer

KEPT = {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}
TTL = 10.0  # seconds, where the distribution names none
SPARED = {404, 414, 501}  # for which CloudFront heeds what an origin says against keeping
AGAINST = ("no-store", "no-cache", "private")
READS = ("GET", "HEAD")
REFUSED = b"This distribution is not configured to allow the HTTP request method that was used for this request.\n"
Fields = list[tuple[str, str]]


def distribution() -> Mapping[str, Any]:
    found: Mapping[str, Any] = properties("Page")["DistributionConfig"]
    return found


@dataclass(frozen=True)
class KeptError:
    until: float
    status: str
    fields: Fields
    body: list[bytes]


@dataclass(frozen=True)
class Edge:
    origins: Mapping[str, WSGIApplication]  # by their ids; those behind a pattern see their paths without its beginning
    config: Mapping[str, Any] = field(default_factory=distribution)
    clock: Callable[[], float] = time.monotonic
    _errors: dict[tuple[str, str], KeptError] = field(default_factory=dict)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        behaviour = next(self._matching(str(environ["PATH_INFO"])))
        if environ["REQUEST_METHOD"] not in behaviour.get("AllowedMethods", READS):
            return answer(start, 403, REFUSED, {"Content-Type": "text/plain"})
        origin, told = self.origins[behaviour["TargetOriginId"]], _told(environ, behaviour.get("PathPattern", ""))
        return self._read(origin, told, start) if environ["REQUEST_METHOD"] in READS else origin(told, start)

    def _matching(self, path: str) -> Iterator[Mapping[str, Any]]:
        yield from (each for each in self.config["CacheBehaviors"] if fnmatchcase(path, each["PathPattern"]))
        yield self.config["DefaultCacheBehavior"]

    def _read(self, origin: WSGIApplication, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """An error is kept by its path alone, as neither cache policy looks at anything else."""
        key = str(environ["REQUEST_METHOD"]), environ["SCRIPT_NAME"] + str(environ["PATH_INFO"])
        kept = self._errors.get(key)
        if kept is None or self.clock() >= kept.until:
            begun: list[Any] = []
            body = list(origin(environ, lambda *begin: begun.extend(begin)))  # type: ignore[arg-type]
            kept = KeptError(self.clock() + self._ttl(begun[0], begun[1]), begun[0], begun[1], body)
            if kept.until > self.clock():
                self._errors[key] = kept
        start(kept.status, kept.fields)
        return kept.body

    def _ttl(self, status: str, fields: Fields) -> float:
        code = int(status.split(maxsplit=1)[0])
        said = next((value for name, value in fields if name.lower() == "cache-control"), "")
        if code not in KEPT or (code in SPARED and any(word in said for word in AGAINST)):
            return 0.0
        chosen = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in self.config.get("CustomErrorResponses", ())}
        return float(chosen.get(code, TTL))


def _told(environ: WSGIEnvironment, pattern: str) -> WSGIEnvironment:
    """What is before a pattern's star is the name of API Gateway's stage."""
    prefix = pattern.removesuffix("/*")
    path = str(environ["PATH_INFO"]).removeprefix(prefix)
    return {**environ, "PATH_INFO": path, "SCRIPT_NAME": prefix}
