"""Who may use the embedded AWS: whoever signs with this run's keys. moto asks nobody who he is.

The id of the access key is as secret as the key here, so that it is compared and the signature of a header is not
computed anew. A form is looked at whole: its policy must be signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.aws.keys import AwsKeys
from local.web import answer

SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/")
MOST_FIELDS = 100
DENIED = b"<Error><Code>InvalidAccessKeyId</Code><Message>The keys of this run are needed.</Message></Error>"


@dataclass(frozen=True)
class Access:
    keys: AwsKeys
    origin: str = ""  # of the page, which posts forms

    def admits(self, environ: WSGIEnvironment) -> bool:
        """By header; by query where an address was signed, which we do for reading an object alone."""
        header = SIGNED.match(str(environ.get("HTTP_AUTHORIZATION", "")))
        if header:
            return self._is_ours(header[1])
        reads = environ["REQUEST_METHOD"] in ("GET", "HEAD") and "HTTP_X_AMZ_TARGET" not in environ
        return reads and self._is_ours(_queried(str(environ.get("QUERY_STRING", ""))))

    def admits_form(self, fields: Mapping[str, str]) -> bool:
        """`fields` with their names in lower case."""
        key_id, _, scope = fields.get("x-amz-credential", "").partition("/")
        key = f"AWS4{self.keys.secret}".encode()
        for part in scope.split("/"):  # date, region, service, aws4_request
            key = _mac(key, part)
        signature = _mac(key, fields.get("policy", "")).hex()
        return self._is_ours(key_id) and _same(signature, fields.get("x-amz-signature", ""))

    def _is_ours(self, key_id: str) -> bool:
        return _same(key_id, self.keys.id)


def nobody(_environ: WSGIEnvironment) -> bool:
    return False


def keyed(app: WSGIApplication, access: Access, spared: Callable[[WSGIEnvironment], bool] = nobody) -> WSGIApplication:
    """`spared`: requests that somebody behind this one looks at."""

    def checked(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if spared(environ) or access.admits(environ):
            return app(environ, start)
        return answer(start, 403, DENIED, {"Content-Type": "application/xml"})

    return checked


def _queried(query: str) -> str:
    """The first, as whoever reads it afterwards takes it; more than a signed address has are none."""
    try:
        fields = parse_qs(query, max_num_fields=MOST_FIELDS)
    except ValueError:
        return ""
    return fields.get("X-Amz-Credential", [""])[0].partition("/")[0]


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
