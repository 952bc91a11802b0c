"""The REST side checks tokens itself, finds routes as API Gateway does, and shares nothing between requests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from local.cloud import routes
from local.cloud.environments import API, Environments, load
from local.cloud.rate import AccountRate
from local.cloud.rest import PAYLOAD_LIMIT, RestApi
from local.cloud.signing import Signer
from local.names import CLIENT_ID
from local.web import Server
from tests.fakes.identity import signing_key
from tests.local.waiting import SHORT

APP = Path(__file__).parent / "tiny_app.py"
ISSUER = "http://localhost:1/oidc"
KEY = signing_key()
OTHER_KEY = signing_key("somebody else")


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    environments, server = Environments(APP, limit=32), Server(0, 32, SHORT)
    server.serve(RestApi(load(APP, "declared_tiny_app"), environments, Signer(KEY, ISSUER)))
    yield server.url
    server.stop()
    environments.close()


def token(key: rsa.RSAPrivateKey = KEY, issuer: str = ISSUER, age: timedelta = timedelta(), **claims: Any) -> str:
    content = {"sub": "owner", "aud": CLIENT_ID, "token_use": "id", "email_verified": True, **claims}
    return Signer(key, issuer).sign(content, datetime.now(UTC) - age, timedelta(hours=1))


def ask(api: str, authorization: str) -> requests.Response:
    return requests.get(f"{api}/who/me?a=1&b=", headers={"Authorization": authorization}, timeout=20)


@pytest.mark.parametrize("prefix", ["Bearer ", ""])
def test_a_good_token_brings_its_claims_to_the_app_as_strings(api: str, prefix: str) -> None:
    answered = ask(api, prefix + token()).json()
    assert (answered["claims"]["sub"], answered["claims"]["email_verified"]) == ("owner", "True")
    assert re.fullmatch(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}", answered["claims"]["exp"])
    assert answered["query"] == {"a": "1", "b": ""}


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "Bearer x.y.z",
        token(OTHER_KEY),
        token(issuer="http://localhost:2/oidc"),
        token(aud="another client"),
        token(age=timedelta(hours=2)),
    ],
    ids=["none", "nonsense", "another key", "another issuer", "another audience", "expired"],
)
def test_a_bad_token_never_reaches_the_app(api: str, bad: str) -> None:
    answered = ask(api, bad)
    assert (answered.status_code, answered.json()) == (401, {"code": "not_allowed", "message": "Unauthorized"})


def test_a_path_or_method_without_a_route_is_api_gateways_403(api: str) -> None:
    for answered in (requests.get(f"{api}/nowhere", timeout=20), requests.delete(f"{api}/who/ada", timeout=5)):
        assert answered.status_code == 403
        assert answered.json() == {"code": "not_allowed", "message": "Missing Authentication Token"}


def test_the_apps_status_and_headers_come_through(api: str) -> None:
    answered = requests.get(f"{api}/raise", timeout=20)
    assert (answered.status_code, answered.headers["X-Told"], answered.json()) == (503, "1", {"code": "internal"})
    assert "Cache-Control" not in answered.headers  # nothing is added that API Gateway does not add


def test_an_answer_above_six_megabytes_is_lambdas_failure(api: str) -> None:
    answered = requests.get(f"{api}/large", timeout=20)
    assert (answered.status_code, answered.json()) == (502, {"code": "internal", "message": "Internal server error"})


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"0" * (PAYLOAD_LIMIT + 1), (413, {"code": "too_large", "message": "Request Too Long"})),
        (b"\xff", (400, {"code": "invalid_message", "message": "the body is not UTF-8"})),
    ],
    ids=["too long", "no text"],
)
def test_a_body_that_the_app_never_sees_is_refused_in_our_shape(
    api: str, body: bytes, refusal: tuple[int, dict[str, str]]
) -> None:
    answered = requests.get(f"{api}/who/ada", data=body, timeout=20)
    assert (answered.status_code, answered.json()) == refusal


def test_a_hundred_parallel_requests_see_nothing_of_each_other(api: str) -> None:
    barrier = threading.Barrier(32)

    def one(number: int) -> Any:
        if number < barrier.parties:
            barrier.wait()
        return requests.get(f"{api}/who/user{number}", timeout=20).json()["names"]

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(one, range(100)))
    assert answers == [[f"user{number}"] * 3 for number in range(100)]


def test_an_environment_is_reused_while_it_is_warm(api: str) -> None:
    served = [requests.get(f"{api}/who/ada", timeout=20).json()["served"] for _ in range(18)]
    assert max(served) > 1, "a module's globals did not survive an invocation"


def test_a_request_above_the_accounts_rate_is_refused() -> None:
    environments, server = Environments(APP, limit=1), Server(0, 2, SHORT)
    server.serve(RestApi(environments.declared, environments, Signer(KEY, ISSUER), AccountRate(0.001, 1)))
    answers = [requests.get(f"{server.url}/raise", timeout=20) for _ in range(2)]
    server.stop()
    environments.close()
    assert [each.status_code for each in answers] == [503, 429]
    assert answers[1].json() == {"code": "rate_limited", "message": "Too Many Requests"}


def test_a_function_that_is_busy_in_all_its_environments_is_a_fault_to_who_asks_and_keeps_who_does_not() -> None:
    """API Gateway tells its client 500, where Lambda has told it 429."""
    environments, server = Environments(APP, limit=1), Server(0, 2, SHORT)
    server.serve(RestApi(environments.declared, environments, Signer(KEY, ISSUER)))
    free = threading.Event()
    held = environments.submit(API, lambda _app, _context: free.wait(10))
    kept = environments.submit(API, lambda _app, _context: "later")
    answer = requests.get(f"{server.url}/who/ada", timeout=20)
    free.set()
    assert held.future.result(5) and kept.future.result(5) == "later"
    again = requests.get(f"{server.url}/who/ada", timeout=20)
    server.stop()
    environments.close()
    assert (answer.status_code, answer.json()) == (500, {"code": "internal", "message": "Internal server error"})
    assert again.status_code == 200


def test_a_literal_route_wins_over_a_parameter() -> None:
    app = load(APP, "routed_tiny_app")
    assert routes.find(app, "GET", "/who/me") == routes.Match("/who/me", {}, True)
    assert routes.find(app, "GET", "/who/a%2Fb") == routes.Match("/who/{name}", {"name": "a/b"}, False)
    assert routes.find(app, "GET", "/who/") is None
