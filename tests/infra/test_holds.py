"""What new accounts may not do yet: met first, named, with the words that somebody of AWS's support needs."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.commands.destroy import destroy
from infra.config import DriverConfig
from infra.console import Console
from infra.context import StepContext
from infra.errors import AwsError, BuildFailed, DriverError
from infra.holds import explain_hold
from infra.plan import BuildImage
from infra.steps.image import build_image
from infra.steps.trial import end_trial, try_cloudfront
from tests.infra.driver import EMAIL, KEY, Account, Driver, deploy
from tests.infra.faults import Fault, break_at
from tests.infra.leftovers import left_behind

BUILDS = "starting the build: Cannot have more than 0 builds in queue for the account"
PAGES = (
    "Your account must be verified before you can add new CloudFront resources. To verify your account, please contact "
    "AWS Support (https://console.aws.amazon.com/support/home#/) and include this error message."
)


@pytest.mark.parametrize("error", [BUILDS, "Cannot have more than 0 active builds for the account"])
def test_a_hold_of_codebuild_comes_with_the_text_of_the_case(error: str) -> None:
    told = explain_hold(error, "eu-central-1")
    assert "Linux ARM small in eu-central-1" in told
    assert "support/home#/case/create" in told
    assert "BUILDER=docker" in told


def test_a_hold_of_cloudfront_comes_with_the_text_of_the_case() -> None:
    assert "Please verify this account for CloudFront" in explain_hold(f"Page: Resource handler returned: {PAGES}")


@pytest.mark.parametrize("error", ["Cannot have more than 10 builds in queue for the account", "Rate exceeded", ""])
def test_other_limits_are_no_hold(error: str) -> None:
    assert explain_hold(error) == ""


@dataclass
class Refusing:
    """CodeBuild and CloudFront, refusing."""

    error: AwsError
    dropped: list[str] = field(default_factory=list)

    def start(self, *_: str) -> str:
        raise self.error

    def try_out(self, _: str) -> None:
        raise self.error

    def drop_trial(self, name: str) -> None:
        self.dropped.append(name)
        raise self.error


def context(error: AwsError) -> StepContext:
    config = DriverConfig.read(["deploy", "--stage", "dev"], {}, Path(__file__).parents[2])
    aws: Any = SimpleNamespace(
        region="eu-central-1",
        builds=Refusing(error),
        distributions=Refusing(error),
        buckets=SimpleNamespace(put=lambda *_: None, get=lambda *_: None),
        registry=SimpleNamespace(has=lambda *_: False),
        stacks=SimpleNamespace(find=lambda _: SimpleNamespace(outputs={"Build": "b", "DataBucket": "d"})),
    )
    clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)  # noqa: E731
    programs: Any = None
    return StepContext(config, Console(io.StringIO()), aws, programs, clock=clock, sleep=lambda _: None)


def test_a_build_that_the_account_may_not_have_is_told_with_the_case() -> None:
    with pytest.raises(BuildFailed, match=r"more than 0 builds[^$]*Open a case[^$]*eu-central-1"):
        build_image(context(AwsError(BUILDS, "AccountLimitExceededException")), BuildImage("abc", "codebuild"))
    with pytest.raises(AwsError, match="Rate exceeded"):
        build_image(context(AwsError("Rate exceeded")), BuildImage("abc", "codebuild"))


def test_what_else_cloudfront_says_to_the_trial_ends_no_deploy() -> None:
    one = context(AwsError("User is not authorized to perform: cloudfront:CreateDistribution", "AccessDenied"))
    try_cloudfront(one)
    end_trial(one)


def test_cloudfront_is_tried_before_anything_is_made(account: Account, checkout: Path) -> None:
    driver = Driver(account, checkout, answers=["anthropic"], secrets=[KEY])
    refused = Fault("distributions", "try_out", AwsError(PAGES, "AccessDenied"))
    with pytest.raises(DriverError, match=r"Nothing was made[^$]*Please verify this account"):
        deploy(break_at(driver.context("deploy", "--skip-verify", "--yes", "--email", EMAIL), refused))
    assert "\n".join(left_behind(account)) == ""


def test_the_trial_leaves_no_distribution(account: Account, checkout: Path) -> None:
    one = Driver(account, checkout).context("deploy")
    try_cloudfront(one)
    (made,) = distributions(account)
    assert not made["Enabled"]
    try_cloudfront(one)
    end_trial(one)
    assert distributions(account) == []


def distributions(account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
    return found


def test_a_trial_that_cannot_be_deleted_yet_is_not_called_gone(account: Account, checkout: Path) -> None:
    one = Driver(account, checkout).context("destroy", "--yes", "--delete-data")
    try_cloudfront(one)
    with pytest.raises(DriverError, match=r"still there; run the same again:\n  trials: "):
        destroy(break_at(one, Fault("distributions", "drop_trial", AwsError("It is InProgress"))))
    destroy(Driver(account, checkout).context("destroy", "--yes", "--delete-data"))
    assert "\n".join(left_behind(account)) == ""
