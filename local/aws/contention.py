"""DynamoDB's bad days, by files in the state folder, and what it never takes.

While `dynamodb-refuses-writes` lies there, each second write meets another transaction, or too many others, as the
file says: TransactionConflict or ThrottlingError. While `dynamodb-index-lags` does, a query of an index is answered
as it would have been the time before.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.web import answer_json, read_body

REFUSING, LAGGING = "dynamodb-refuses-writes", "dynamodb-index-lags"
MOST_BYTES = 4 * 1024 * 1024  # of all items of a transaction
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
ALONE = {"TransactionConflict": "TransactionConflictException", "ThrottlingError": "ThrottlingException"}
Fields = Mapping[str, Any]
Answer = tuple[list[Any], list[bytes]]


def troubled(app: WSGIApplication, state: Path) -> WSGIApplication:
    refused = itertools.cycle([True, False])
    index = lagging(app)

    def trouble(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        verb = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        fields = json.loads(read_body(environ) or b"{}")
        if verb == "TransactWriteItems" and _bytes(fields["TransactItems"]) > MOST_BYTES:
            return _refuse(start, "ValidationException", "The items of a transaction have more than 4 MB")
        if verb in WRITES and (state / REFUSING).exists() and next(refused):
            return _contend(start, (state / REFUSING).read_text().strip(), fields)
        late = "IndexName" in fields and (state / LAGGING).exists()
        return index(environ, start) if late else app(environ, start)

    return trouble


def lagging(app: WSGIApplication) -> WSGIApplication:
    before: dict[bytes, Answer] = {}

    def late(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        begun: list[Any] = []
        asked, body = read_body(environ), list(app(environ, lambda *begin: begun.extend(begin)))  # type: ignore[arg-type]
        told: Answer = before.get(asked, (begun, body))
        before[asked] = begun, body
        start(*told[0])
        return told[1]

    return late


def _contend(start: StartResponse, reason: str, fields: Fields) -> Iterable[bytes]:
    """The first write of a transaction has met the other one."""
    if "TransactItems" not in fields:
        return _refuse(start, ALONE[reason], "told by the state folder")
    reasons = [{"Code": reason, "Message": "told by the state folder"}]
    reasons += [{"Code": "None"} for _ in fields["TransactItems"][1:]]
    codes = ", ".join(each["Code"] for each in reasons)
    words = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return _refuse(start, "TransactionCanceledException", words, CancellationReasons=reasons)


def _refuse(start: StartResponse, kind: str, words: str, **more: Any) -> Iterable[bytes]:
    return answer_json(start, 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": words, **more})


def _bytes(value: Any) -> int:
    """Names and values, as DynamoDB counts them; a number is counted too high by some bytes."""
    match value:
        case dict():
            return sum(len(str(name).encode()) + _bytes(each) for name, each in value.items())
        case list():
            return sum(_bytes(each) for each in value)
    return len(str(value).encode())
