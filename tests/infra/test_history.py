"""A creation that an account refuses late: the account tells it in pages, the driver tells why, and makes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import StackFailed
from tests.infra.driver import KEY, Account, Driver

GROUP = "/aws/lambda/serverless-openclaw-dev-watchdog"  # somebody has made what the stack makes last


def test_what_fails_late_is_told_and_made_anew_when_it_is_out_of_the_way(account: Account, checkout: Path) -> None:
    driver = Driver(account, checkout, answers=["anthropic"], secrets=[KEY])
    logs, stacks = account.client("logs"), account.client("cloudformation")
    logs.create_log_group(logGroupName=GROUP)
    with pytest.raises(StackFailed, match="log group already exists"):
        driver.deploy()
    page = stacks.describe_stack_events(StackName="serverless-openclaw-dev")
    assert (len(page["StackEvents"]), "NextToken" in page) == (100, True)
    logs.delete_log_group(logGroupName=GROUP)
    driver.deploy()
    assert "its first creation had failed, so that it is deleted first" in driver.words
    assert "Your agent: https://" in driver.words
