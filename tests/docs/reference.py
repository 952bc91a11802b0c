"""`python -m tests.docs.reference` writes docs/reference from the golden files and the code."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from chalice.app import RouteEntry

from chalicelib import wiring
from chalicelib.domain import client_frames, protocol
from chalicelib.errors import ServiceError
from chalicelib.wiring import Services

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Made by `python -m tests.docs.reference` from the golden files and the code: change those. -->"
WIRE = {"conversation_id": "conversationId"}


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text())


def example(value: Any) -> list[str]:
    return ["```json", json.dumps(value, ensure_ascii=False, indent=2), "```", ""]


def rest() -> str:
    """Every route of app.py, with the answers and bodies that are frozen."""
    lines = [MADE, "# REST", "", *_rest_head(), ""]
    for entry in routes():
        lines += _route(entry)
    return "\n".join([*lines, *_statuses()]) + "\n"


def routes() -> list[RouteEntry]:
    entries = [entry for methods in _app().app.routes.values() for entry in methods.values()]
    return sorted(entries, key=lambda entry: (entry.uri_pattern, entry.method))


def _app() -> Any:
    return importlib.import_module("app")


def _rest_head() -> Iterator[str]:
    yield "The page's address and `/api` stand before each path. A signed-in owner sends the identity token as"
    yield "`Authorization`; each sees only what is theirs. Times are ISO 8601 in UTC with milliseconds, ids UUIDs in"
    yield "lower case. An error is a status and `{code, message}`, also where API Gateway itself refuses; the codes are"
    yield "at the end."


def _route(entry: RouteEntry) -> Iterator[str]:
    place = f"{entry.method} {entry.uri_pattern}"
    yield from (f"## `{place}`", "", f"{_words(entry.view_name)}. {_service_says(entry)}{_caller(entry)}".strip(), "")
    for name, body in golden("rest_requests.json").items():
        if _same(name, place):
            yield from ("Body:", "", *example(body))
    for name, answer in golden("rest.json").items():
        if _same(name.partition(",")[0], place):
            yield from (f"Answer{name.removeprefix(name.partition(',')[0])}:", "", *example(answer))


def _words(view_name: str) -> str:
    return view_name.replace("_", " ").capitalize()


def _service_says(entry: RouteEntry) -> str:
    """The docstring of the service's method that the view calls: it names what is raised."""
    called = re.search(r"services\(\)\.(\w+)\.(\w+)\(", inspect.getsource(entry.view_function))
    assert called, entry.view_name
    service = get_type_hints(getattr(Services, called[1]).func, vars(wiring))["return"]
    return " ".join((inspect.getdoc(getattr(service, called[2])) or "").split())


def _caller(entry: RouteEntry) -> str:
    return "" if entry.authorizer else " No sign-in: a secret or a signature says whose the request is."


def _same(golden_place: str, place: str) -> bool:
    """Golden files say {id}, API Gateway wants one name for what stands in one place."""
    return _bare(golden_place) == _bare(place)


def _bare(place: str) -> tuple[str, ...]:
    return tuple("{}" if part.startswith("{") else part for part in place.split("/"))


def _statuses() -> Iterator[str]:
    statuses = {kind.code: str(_app().status_of(kind)) for kind in _errors(ServiceError)}
    statuses["not_allowed"] += "; 401 for a token that does not hold"
    statuses["internal"] += "; 500, 502 and 504 by API Gateway"
    yield from ("## Errors", "", "| `code` | meaning | status |", "|---|---|---|")
    for code, meaning in sorted(protocol.ERROR_CODES.items()):
        yield f"| `{code}` | {meaning} | {statuses.get(code, 'in frames and notices only')} |"


def _errors(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for child in kind.__subclasses__():
        yield from _errors(child)
    yield kind


def socket() -> str:
    """Every frame of both directions: the fields of what is parsed, and the frames that are frozen."""
    head = (
        f"A socket is opened with `Sec-WebSocket-Protocol: {protocol.SUBPROTOCOL}, {protocol.TICKET_PREFIX}<ticket>`;",
        "the ticket comes from `POST /tickets` and is good once, for 30 seconds. A frame of the page has at most",
        f"{protocol.FRAME_BYTES:,} bytes. Readers ignore fields that they do not know.",
    )
    lines = [MADE, "# Socket", "", *head, "", "## From the page", ""]
    for kind in get_args(client_frames.ClientFrame):
        lines += _sent(kind)
    lines += ["## To the page", ""]
    for case in golden("server_frames.json"):
        lines += [f"### {case['name']}", "", *example(case["frame"])]
    return "\n".join(lines).rstrip() + "\n"


def _sent(kind: type) -> Iterator[str]:
    cases = [case for case in golden("client_frames.json") if case.get("parsed", {}).get("kind") == kind.__name__]
    yield from (f"### `{cases[0]['frame']['type']}`", "", *_fields(fields(kind)))
    for case in cases[:2]:
        yield from example(case["frame"])


def _fields(known: Iterable[Field[Any]]) -> Iterator[str]:
    listed = list(known)
    if listed:
        yield from ("| field | |", "|---|---|")
    for each in listed:
        required = each.default is MISSING and each.default_factory is MISSING
        yield f"| `{WIRE.get(each.name, each.name)}` | {'required' if required else 'optional'} |"
    if listed:
        yield ""


def pages() -> Mapping[str, str]:
    """By the name of the file in docs/reference."""
    return {"rest.md": rest(), "socket.md": socket()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        (FOLDER / file).write_text(text)
