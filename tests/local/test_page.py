"""The page's host serves what was built, says what is missing, and sends the strict headers with everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests

from local.cloud.config import CloudConfig
from local.cloud.edge import Edge
from local.cloud.headers import page_headers, with_headers
from local.cloud.page import PageHost
from local.web import Server, answer, read_body
from tests.infra.templates import resources
from tests.local.waiting import SHORT

BUCKETS = "http://127.0.0.1:4566"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html>" + " " * 2000)
    (built / "404.html").write_text("<!doctype html>There is no page here")
    (built / "assets" / "main-abc.js").write_text("let a = 1")
    (tmp_path / "secret.txt").write_text("secret")
    return built


def echo(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    return answer(start, 200, f"{environ['PATH_INFO']} {read_body(environ).decode()}".strip().encode())


@pytest.fixture
def page(files: Path) -> Iterator[str]:
    server = Server(0, 4, SHORT)
    config = CloudConfig(files, files, server.port, None, "INFO", BUCKETS)
    server.serve(Edge({"api": echo, "page": PageHost(config, files)}))
    yield f"http://localhost:{server.port}"
    server.stop()


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=5, allow_redirects=False)


def test_paths_of_the_pages_own_get_the_page(page: str) -> None:
    for path in ("/", "/index.html"):
        answered = get(page + path)
        assert (answered.status_code, answered.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert answered.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/c/123", "/settings", "/a/b/c", "/%E3%85%8E", "/c/"])
def test_an_unknown_path_is_told_in_words(page: str, path: str) -> None:
    answered = get(page + path)
    assert (answered.status_code, answered.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "no page here" in answered.text
    assert answered.headers["Content-Security-Policy"].startswith("default-src 'none'; ")


def test_hashed_files_are_kept_for_good_and_have_their_type(page: str) -> None:
    answered = get(page + "/assets/main-abc.js")
    assert answered.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answered.headers["Cache-Control"]


def test_every_answer_carries_the_strict_headers(page: str) -> None:
    for path in ("/", "/config.json", "/missing.png"):
        headers = get(page + path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_the_api_beside_the_page_has_its_headers_too_but_keeps_its_own() -> None:
    fields: list[tuple[str, str]] = []

    def api(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return answer(start, 200, b"{}", {"referrer-policy": "its own"})

    def begin(status: str, found: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
        fields.extend(found)
        return lambda _: None

    list(with_headers(api, {"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"})({}, begin))
    assert dict(fields) == {"Content-Length": "2", "referrer-policy": "its own", "X-Frame-Options": "DENY"}


def test_every_header_that_cloudfront_gives_is_given_here_but_for_hsts() -> None:
    config = resources()["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    assert set(config["SecurityHeadersConfig"]) == {
        *("ContentSecurityPolicy", "ContentTypeOptions", "FrameOptions", "ReferrerPolicy", "StrictTransportSecurity")
    }
    given = page_headers({"SocketApi": "ws://localhost:1", "DataBucket": BUCKETS})
    assert given.keys() >= {each["Header"] for each in config["CustomHeadersConfig"]["Items"]}
    assert "$" not in str(given)
    cloud = config["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0]
    names = [each.split()[0] for each in cloud.split(";")]
    assert names == [each.split()[0] for each in given["Content-Security-Policy"].split(";")]


def test_the_policy_lets_the_page_reach_the_socket_of_its_config(page: str) -> None:
    socket = get(page + "/config.json").json()["socket"]
    assert socket.removesuffix("/local") in get(page + "/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("directive", ["connect-src", "img-src", "media-src"])
def test_the_policy_lets_the_page_upload_to_the_embedded_aws_and_show_what_lies_there(
    page: str, directive: str
) -> None:
    policy = get(page + "/").headers["Content-Security-Policy"]
    assert any(directive in part and BUCKETS in part.split() for part in policy.split(";"))


def test_the_config_tells_where_everything_is(page: str) -> None:
    config = get(page + "/config.json").json()
    assert config["api"] == "/api"
    assert config["oidc"]["authority"] == f"{page}/oidc"


def test_a_missing_file_is_not_the_page(page: str) -> None:
    assert get(page + "/assets/gone.js").status_code == 404


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
def test_nothing_outside_the_built_files_is_served(page: str, path: str) -> None:
    with requests.Session() as session:
        request = requests.Request("GET", page).prepare()
        request.url = page + path
        assert "secret" not in session.send(request, timeout=5).text


def test_text_is_packed_for_who_can_unpack_it(page: str) -> None:
    assert get(page + "/").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in get(page + "/", **{"Accept-Encoding": "identity"}).headers


def test_the_address_by_number_leads_to_the_one_origin(page: str) -> None:
    answered = get(page.replace("localhost", "127.0.0.1") + "/c/1?x=2")
    assert (answered.status_code, answered.headers["Location"]) == (307, page + "/c/1?x=2")


def test_a_page_that_was_not_built_is_said_to_be_missing(page: str, files: Path) -> None:
    (files / "index.html").unlink()
    answered = get(page + "/")
    assert (answered.status_code, "npm run build" in answered.text) == (503, True)


def test_a_body_sent_in_chunks_is_read_whole(page: str) -> None:
    sent = (part for part in (b"one ", b"two"))
    assert requests.post(page + "/api/echo", data=sent, timeout=5).text == "/echo one two"


def test_the_api_sees_its_path_without_the_prefix(page: str) -> None:
    assert get(page + "/api/status").text == "/status"


def test_a_name_rebound_to_us_is_refused(page: str) -> None:
    assert get(page + "/api/status", Host="evil.example").status_code == 403
