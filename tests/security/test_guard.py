"""What a server of this machine hears of: the rules alone, for every server the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from local.guard import Guard

PAGE = "http://localhost:8787"
PROGRAM, PAGES, LINKED = Guard(), Guard(frozenset({PAGE})), Guard(frozenset({PAGE}), linked=True)
LOCAL = {"Host": "localhost:8787"}
CROSS = {"Sec-Fetch-Site": "cross-site"}
Headers = dict[str, str | list[str]]

FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:8787",
    "localhost.evil.example",
    "localhost:8787.evil.example",
    "localhost@evil.example",
    "127.0.0.1.nip.io",
    "127.0.0.2:8787",
    "0.0.0.0:8787",
    "[::1]:8787",
    "[::ffff:127.0.0.1]:8787",
    "localhost.",
    "LOCALHOST.evil",
    "localhost:",
    "localhost:8787, evil.example",
    "",
]
FOREIGN_ORIGINS = [
    "http://evil.example",
    "null",
    "",
    "http://localhost:8788",
    "https://localhost:8787",
    "http://127.0.0.1:8787",
    "http://localhost:8787.evil.example",
    "http://localhost:8787/",
    "file://",
]


def refused(guard: Guard, headers: Headers, method: str = "GET") -> bool:
    def values(name: str) -> Sequence[str]:
        found = headers.get(name, [])
        return [found] if isinstance(found, str) else found

    return guard.refusal(method, values) is not None


@pytest.mark.parametrize("guard", [PROGRAM, PAGES, LINKED])
def test_a_program_of_this_machine_is_heard(guard: Guard) -> None:
    assert not refused(guard, {"Host": "127.0.0.1:1234"})
    assert not refused(guard, {"Host": "localhost"}, "POST")


@pytest.mark.parametrize("guard", [PROGRAM, PAGES, LINKED])
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_that_was_rebound_is_refused(guard: Guard, host: str) -> None:
    assert refused(guard, {"Host": host})


@pytest.mark.parametrize("guard", [PROGRAM, PAGES, LINKED])
def test_no_host_and_two_hosts_are_refused(guard: Guard) -> None:
    assert refused(guard, {})
    assert refused(guard, {"Host": ["localhost", "evil.example"]})


@pytest.mark.parametrize("guard", [PROGRAM, PAGES, LINKED])
@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT", "DELETE"])
def test_another_origin_is_refused(guard: Guard, origin: str, method: str) -> None:
    assert refused(guard, {**LOCAL, "Origin": origin}, method)


@pytest.mark.parametrize("guard", [PROGRAM, PAGES, LINKED])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "same-origin, none", "SAME-ORIGIN"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "websocket"])
def test_what_another_page_embeds_or_fetches_is_refused(guard: Guard, site: str, mode: str) -> None:
    shown_by_a_link = (guard, mode) == (LINKED, "no-cors")
    assert refused(guard, {**LOCAL, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}) is not shown_by_a_link


@pytest.mark.parametrize("guard", [PROGRAM, PAGES])
def test_navigation_from_another_page_is_refused(guard: Guard) -> None:
    assert refused(guard, {**LOCAL, **CROSS, "Sec-Fetch-Mode": "navigate"})
    assert refused(guard, {**LOCAL, **CROSS, "Sec-Fetch-Mode": "navigate"}, "POST")


def test_only_a_link_with_its_own_proof_may_be_followed_from_another_page() -> None:
    linked: Headers = {**LOCAL, **CROSS, "Sec-Fetch-Mode": "navigate"}
    assert not refused(LINKED, linked)
    assert refused(LINKED, linked, "POST")
    assert refused(LINKED, {**linked, "Origin": "http://evil.example"})


def test_only_a_link_with_its_own_proof_may_be_shown_by_a_page() -> None:
    shown: Headers = {**LOCAL, **CROSS, "Sec-Fetch-Mode": "no-cors"}
    assert not refused(LINKED, shown)
    assert refused(LINKED, shown, "POST")
    assert refused(PAGES, shown)
    assert refused(PROGRAM, shown)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_and_the_address_bar_are_heard_where_a_page_is(site: str) -> None:
    assert not refused(PAGES, {**LOCAL, "Sec-Fetch-Site": site})
    assert refused(PROGRAM, {**LOCAL, "Sec-Fetch-Site": site})


def test_the_page_is_heard_from_its_other_port() -> None:
    assert not refused(PAGES, {**LOCAL, "Origin": PAGE, "Sec-Fetch-Site": "same-site"}, "POST")
    assert refused(PAGES, {**LOCAL, "Origin": [PAGE, "http://evil.example"]}, "POST")
