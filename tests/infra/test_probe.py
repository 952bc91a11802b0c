"""What the probes make of an account that does otherwise, and the command that asks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.commands.probe import answered, chosen
from infra.errors import CheckFailed, DriverError
from infra.probes import PROBES, Probe, Site, cold, errors, policy

LOGS = {"REST": "/aws/lambda/api", "connect": "/aws/lambda/connect"}
REPORT = "REPORT RequestId: 1\tDuration: {} ms\tBilled Duration: 9 ms\tMemory Size: 1024 MB\tInit Duration: {} ms\t"


@dataclass
class Account:
    """What its logs and its address say."""

    lines: Mapping[str, list[str]] = field(default_factory=dict)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def site(self) -> Site:
        outside = SimpleNamespace(clock=lambda: datetime(2026, 1, 1, tzinfo=UTC), sleep=self.slept.append)
        visitor = SimpleNamespace(refusal=lambda path: self.refusals.pop(0))
        found: Any = lambda log, since, words: self.lines.get(log, [])  # noqa: E731
        return Site(
            cast("Any", visitor),
            "u",
            cast("Any", SimpleNamespace(outside=outside)),
            lambda: cast("Any", 0),
            found,
            LOGS,
        )


def test_how_full_the_policy_is() -> None:
    line = "INFO session policy: {} % of what STS allows"
    assert (
        policy(Account({LOGS["REST"]: [line.format(71), line.format(72)]}).site) == "it takes 72 % of what STS allows"
    )
    with pytest.raises(CheckFailed, match="95 %"):
        policy(Account({LOGS["REST"]: [line.format(95)]}).site)


def test_a_log_that_says_nothing_is_waited_for_and_told() -> None:
    account = Account()
    with pytest.raises(CheckFailed, match="within 30 s"):
        policy(account.site)
    assert account.slept == [3] * 10


def test_cold_functions_by_their_own_reports() -> None:
    lines = {LOGS["REST"]: [REPORT.format("400.5", "600"), REPORT.format("300", "500"), "REPORT warm"]}
    assert cold(Account(lines).site) == "median of a week: REST 0.90 s (n=2), connect has none yet"
    with pytest.raises(CheckFailed, match="over 2 s: connect"):
        cold(Account({**lines, LOGS["connect"]: [REPORT.format("1500", "900")]}).site)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ((400, {"age": "3", "x-amzn-requestid": "2"}), "out of the cache"),
        ((400, {"x-amzn-requestid": "1"}), "the number of one call"),
        ((503, {}), "answered with 503"),
    ],
)
def test_an_error_that_comes_out_of_a_cache_is_told(second: tuple[int, dict[str, str]], said: str) -> None:
    with pytest.raises(CheckFailed, match=said):
        errors(Account(refusals=[(400, {"x-amzn-requestid": "1"}), second]).site)


def test_errors_of_two_calls_are_as_expected() -> None:
    both = [(400, {"x-amzn-requestid": number}) for number in "12"]
    assert errors(Account(refusals=both).site) == "400 twice, each from the app"


@dataclass
class Context:
    """What the command says."""

    said: list[str] = field(default_factory=list)

    @property
    def console(self) -> Any:
        return SimpleNamespace(say=self.said.append)

    def detail(self, line: str) -> None:
        self.said.append(line)


@pytest.mark.parametrize("error", [CheckFailed("otherwise"), KeyError("unforeseen")])
def test_a_finding_is_told_and_the_others_are_asked(error: Exception) -> None:
    def look(site: Site) -> str:
        raise error

    context: Any = Context()
    assert not answered(context, Probe("one", "whether", look), Account().site)
    assert answered(context, Probe("two", "whether", lambda site: "as expected"), Account().site)
    assert context.said[1].startswith("! ")
    assert context.said[3] == "as expected"


def test_one_asks_for_all_or_for_some_by_name() -> None:
    assert chosen(()) == list(PROBES)
    assert [each.name for each in chosen(("gone",))] == ["gone"]
    with pytest.raises(DriverError, match="no probe tide; there are policy, rows"):
        chosen(("tide",))
