"""The reference says what the code does: it is made from it, and from the frozen shapes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docs.reference import FOLDER, golden, pages, routes


@pytest.mark.parametrize("file", sorted(pages()))
def test_the_reference_is_up_to_date(file: str) -> None:
    assert (FOLDER / file).read_text() == pages()[file], "run: .venv/bin/python -m tests.docs.reference"


def test_every_route_for_owners_has_a_frozen_answer() -> None:
    known = {_bare(name.partition(",")[0]) for name in golden("rest.json")}
    wanted = {_bare(f"{entry.method} {entry.uri_pattern}") for entry in routes() if entry.authorizer}
    assert wanted <= known


def test_every_body_that_is_shown_belongs_to_a_route() -> None:
    assert {_bare(place) for place in golden("rest_requests.json")} <= {
        _bare(f"{entry.method} {entry.uri_pattern}") for entry in routes()
    }


def _bare(place: str) -> tuple[str, ...]:
    return tuple(_parts(place))


def _parts(place: str) -> Iterator[str]:
    for part in place.split("/"):
        yield "{}" if part.startswith("{") else part
