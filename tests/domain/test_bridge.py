from datetime import timedelta

import pytest

from chalicelib.domain.bridge import HEADERS, WINDOW, Request, sign, signature, verify
from tests.fakes.clock import NOON
from tests.fakes.values import KEY

RING = Request("POST", "/message", b"{}")
SIGNED = sign(KEY, 7, RING, NOON, "nonce-1")


def test_a_signed_request_gives_its_nonce() -> None:
    assert verify(KEY, 7, RING, SIGNED, NOON) == "nonce-1"


def test_headers_name_epoch_time_nonce_and_signature() -> None:
    assert tuple(SIGNED) == HEADERS
    assert SIGNED["X-Epoch"] == "7"
    assert SIGNED["X-Time"] == "2026-01-01T12:00:00.000Z"


@pytest.mark.parametrize(
    "other", [Request("GET", "/message", b"{}"), Request("POST", "/shutdown", b"{}"), Request("POST", "/message", b"")]
)
def test_a_signature_holds_for_one_request_only(other: Request) -> None:
    assert verify(KEY, 7, other, SIGNED, NOON) is None


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_was_changed_or_dropped_is_noticed(header: str) -> None:
    changed = {**SIGNED, header: SIGNED[header].replace(SIGNED[header][-1], "x")}
    dropped = {name: value for name, value in SIGNED.items() if name != header}
    assert verify(KEY, 7, RING, changed, NOON) is None
    assert verify(KEY, 7, RING, dropped, NOON) is None


def test_another_epochs_key_signs_nothing() -> None:
    assert verify("ff" * 32, 7, RING, SIGNED, NOON) is None
    assert verify(KEY, 8, RING, SIGNED, NOON) is None


@pytest.mark.parametrize("late", [WINDOW, -WINDOW])
def test_clocks_may_differ_by_the_window_and_no_more(late: timedelta) -> None:
    assert verify(KEY, 7, RING, SIGNED, NOON + late) == "nonce-1"
    assert verify(KEY, 7, RING, SIGNED, NOON + late * 1.001) is None


@pytest.mark.parametrize("time", ["", "yesterday", "2026-01-01T12:00:00"])
def test_a_time_that_is_none_or_names_no_zone_is_not_fresh(time: str) -> None:
    headers = {**SIGNED, "X-Time": time, "X-Signature": signature(KEY, RING, time, "nonce-1")}
    assert verify(KEY, 7, RING, headers, NOON) is None


def test_a_request_without_a_nonce_could_be_replayed_and_is_refused() -> None:
    assert verify(KEY, 7, RING, sign(KEY, 7, RING, NOON, ""), NOON) is None
