"""Reserved concurrency: asked for only where the account has room for it, because a new one has not."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.adapters.functions import Functions
from infra.chalice import RESERVED, ROLES, can_reserve, emptied, fill
from infra.names import StageNames
from tests.infra.test_stages import OUTPUTS

NAMES = StageNames("dev")


class Lambda:
    def __init__(self, unreserved: int, reserved: dict[str, int]) -> None:
        self.pool, self.reserved = unreserved, reserved

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.pool}}

    def get_function_concurrency(self, FunctionName: str) -> dict[str, Any]:
        if FunctionName not in self.reserved:
            raise _error("ResourceNotFoundException")
        return {"ReservedConcurrentExecutions": self.reserved[FunctionName]}


class Forbidden:
    def get_account_settings(self) -> dict[str, Any]:
        raise _error("AccessDeniedException")


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Call")


@pytest.mark.parametrize(("pool", "room"), [(None, False), (10, False), (100, False), (181, False), (182, True)])
def test_a_new_accounts_pool_is_too_small(pool: int | None, room: bool) -> None:
    assert can_reserve(pool) is room


def test_what_is_ours_already_is_part_of_the_room() -> None:
    functions = Functions(Lambda(100, {"dev-a": 60, "dev-b": 22}), None)
    assert functions.unreserved(["dev-a", "dev-b", "dev-new"]) == 182


def test_who_may_not_ask_reserves_nothing() -> None:
    assert Functions(Forbidden(), None).unreserved(["dev-a"]) is None


def test_every_function_has_its_share_or_none_has() -> None:
    assert set(RESERVED) == set(ROLES)
    filled = fill({}, NAMES, OUTPUTS, reserve=True)["stages"]["dev"]["lambda_functions"]
    assert {name: each["reserved_concurrency"] for name, each in filled.items()} == RESERVED
    again = fill({"stages": {"dev": {"lambda_functions": filled}}}, NAMES, OUTPUTS)["stages"]["dev"]
    assert all("reserved_concurrency" not in each for each in again["lambda_functions"].values())


def test_git_sees_nothing_of_it() -> None:
    assert emptied(fill({"version": "2.0"}, NAMES, OUTPUTS, reserve=True)) == {"version": "2.0"}
