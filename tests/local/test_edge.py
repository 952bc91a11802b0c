"""CloudFront's part: paths and methods as the template configures them, errors that are kept where it says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests

from local.cloud.edge import Edge, distribution
from local.web import Server, answer
from tests.local.waiting import SHORT


class Origin:
    """Answers with the status that the last part of a path names."""

    def __init__(self, caching: str = "no-store") -> None:
        self.asked: list[str] = []
        self.caching = caching

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        status = int(str(environ["PATH_INFO"]).rpartition("/")[2])
        return answer(start, status, f"{len(self.asked)}".encode(), {"Cache-Control": self.caching})


class Running:
    def __init__(self) -> None:
        self.now, self.api, self.page = 0.0, Origin(), Origin()
        self.server = Server(0, 2, SHORT)

    def edge(self, **config: object) -> Running:
        origins = {"api": self.api, "page": self.page}
        self.server.serve(Edge(origins, {**distribution(), **config}, lambda: self.now))
        return self

    def ask(self, method: str, path: str) -> requests.Response:
        return requests.request(method, self.server.url + path, timeout=5)


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running()
    yield made
    made.server.stop()


def test_the_api_has_its_path_without_the_stage_and_the_page_all_others(running: Running) -> None:
    running.edge()
    for method in ("GET", "POST", "DELETE"):
        running.ask(method, "/api/things/200")
    running.ask("GET", "/apis/200")
    assert running.api.asked == ["GET /things/200", "POST /things/200", "DELETE /things/200"]
    assert running.page.asked == ["GET /apis/200"]


def test_the_page_takes_no_other_methods(running: Running) -> None:
    answered = running.edge().ask("POST", "/200")
    assert (answered.status_code, running.page.asked) == (403, [])


@pytest.mark.parametrize("status", [400, 403, 404, 405, 414, 500, 501, 502, 503, 504])
def test_no_error_is_kept_as_we_configure_it(running: Running, status: int) -> None:
    running.api.caching = ""
    running.edge()
    assert [running.ask("GET", f"/api/{status}").text for _ in range(2)] == ["1", "2"]


def test_an_error_is_given_for_ten_seconds_more_where_nothing_is_configured(running: Running) -> None:
    running.edge(CustomErrorResponses=[])
    texts = []
    for now in (0.0, 9.9, 10.0):
        running.now = now
        texts.append(running.ask("GET", "/api/503?another=query").text)
    assert texts == ["1", "1", "2"]
    assert running.ask("POST", "/api/503").text == "3"  # nobody keeps what is written
    assert [running.ask("GET", "/api/200").text for _ in range(2)] == ["4", "5"]


@pytest.mark.parametrize(("status", "kept"), [(404, False), (503, True), (429, False)])
def test_what_the_origin_says_against_it_is_heeded_for_some_errors_only(
    running: Running, status: int, kept: bool
) -> None:
    running.edge(CustomErrorResponses=[])
    texts = [running.ask("GET", f"/api/{status}").text for _ in range(2)]
    assert (texts == ["1", "1"]) is kept
