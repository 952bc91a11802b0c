"""The headers of the page's origin: those that CloudFront gives, read from the template that gives them to it.

Only addresses differ here. HSTS is left out: browsers heed it over TLS alone, and it would bind all of localhost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.template import properties


def page_headers(places: Mapping[str, str]) -> dict[str, str]:
    """`places`: the address here of a resource of the template's; what has none is on the page's own origin."""
    given = properties("PageHeaders")["ResponseHeadersPolicyConfig"]
    custom = {each["Header"]: each["Value"] for each in given["CustomHeadersConfig"]["Items"]}
    security = given["SecurityHeadersConfig"]
    return {
        "Content-Security-Policy": "; ".join(_directives(security["ContentSecurityPolicy"], places)),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": security["FrameOptions"]["FrameOption"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        **custom,
    }


def _directives(policy: Mapping[str, Any], places: Mapping[str, str]) -> Iterator[str]:
    for directive in policy["ContentSecurityPolicy"][0].split(";"):
        yield " ".join(source for each in directive.split() if (source := _source(each, places)))


def _source(source: str, places: Mapping[str, str]) -> str:
    if "${" not in source:
        return source
    return next((place for name, place in places.items() if f"${{{name}}}" in source), "")


def with_headers(app: WSGIApplication, headers: Mapping[str, str]) -> WSGIApplication:
    """With every answer, unless it has its own, as it is behind CloudFront."""

    def wrapped(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def begin(status: str, fields: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in fields}
            return start(status, [*fields, *((k, v) for k, v in headers.items() if k.lower() not in own)], *error)

        return app(environ, begin)

    return wrapped
