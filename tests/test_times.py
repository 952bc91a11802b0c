from __future__ import annotations

from pathlib import Path

from tests.times import GROUPS, Order, group_of, is_aside, next_aside, only_computes

TESTS = Path(__file__).parent


def test_every_file_that_the_tables_name_is_there() -> None:
    named = {*Order.read(TESTS).seconds, *GROUPS}
    assert [file for file in sorted(named) if not (TESTS / file).is_file()] == []


def test_what_takes_long_starts_first_and_what_shares_a_product_runs_together() -> None:
    order = Order({"a/long.py": 30, "a/short.py": 3, "e2e/test_messages.py": 20, "e2e/test_check.py": 15})
    files = ["a/new.py", "a/short.py", "e2e/test_check.py", "a/long.py", "e2e/test_messages.py"]
    expected = ["e2e/test_messages.py", "e2e/test_check.py", "a/long.py", "a/short.py", "a/new.py"]
    assert sorted(files, key=order.place) == expected


def test_a_folder_of_e2e_shares_one_process_and_any_other_file_has_its_own_turn() -> None:
    assert group_of("e2e/gateway/test_a.py") == group_of("e2e/gateway/test_b.py")
    assert group_of("e2e/test_telegram_api.py") == "e2e/test_telegram_api.py"
    assert group_of("bridge/test_turns.py") != group_of("bridge/test_app.py")


def test_whatever_is_in_e2e_is_slow() -> None:
    order = Order({"a/long.py": 30})
    assert [order.is_slow(file) for file in ("e2e/new.py", "a/long.py", "a/new.py")] == [True, True, False]


def test_only_what_starts_no_product_is_done_aside() -> None:
    files = [path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")]
    aside = [file for file in files if next_aside([group_of(file)])]
    assert {"simulation/test_histories.py", "infra/test_deploy.py"} <= set(aside)
    assert not [file for file in aside if file in GROUPS or file.startswith(("e2e/", "image/"))]
    assert [is_aside(worker) for worker in ("gw0", "gw1", "gw2")] == [False, False, True]


def test_what_starts_programs_comes_first_and_never_has_the_lowest_priority() -> None:
    """At that priority a function that was waited for had no time for seconds, and its page was cut off."""
    groups = ["e2e/test_check.py", "simulation/test_histories.py", "infra/test_deploy.py"]
    assert (next_aside(groups), next_aside(groups[:2]), next_aside(groups[:1])) == (*reversed(groups[1:]), None)
    assert not only_computes("infra/test_deploy.py")
