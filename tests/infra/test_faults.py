"""A deploy that breaks, ten times at ten places, and once by Ctrl-C: each time the same command goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.commands.deploy import deploy
from infra.context import StepContext
from infra.errors import AwsError, BuildFailed, DriverError
from tests.infra.driver import EMAIL, KEY, PYTHON, Account, Driver
from tests.infra.faults import Fault, break_at

THROTTLED = AwsError("Rate exceeded", "ThrottlingException")
LOST = AwsError("Connect timeout on endpoint URL")
DENIED = AwsError("User is not authorized", "AccessDenied")


FAULTS = (
    Fault("stacks", "create", THROTTLED),
    Fault("stacks", "create", LOST, after=True),  # CloudFormation has begun, and the answer is lost
    Fault("registry", "password", DENIED),
    Fault("programs", "run", BuildFailed("no space left on device"), call=3),
    Fault("stacks", "create", LOST),  # of the second stack: the first and the image are there
    Fault("programs", "chalice", DriverError("chalice ended with 1")),
    Fault("programs", "chalice", LOST, after=True),
    Fault("apis", "publish", THROTTLED),
    Fault("buckets", "put", LOST, call=3),
    Fault("distributions", "refresh", THROTTLED),
    Fault("users", "invite", LOST, after=True),
)


def broken(driver: Driver, fault: Fault) -> StepContext:
    return break_at(driver.context("deploy", "--skip-verify", "--yes", "--email", EMAIL), fault)


@pytest.fixture(scope="module")
def driver(account: Account, checkout: Path) -> Driver:
    return Driver(account, checkout, answers=["anthropic"], secrets=[KEY])


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_a_fault_ends_the_run_with_its_reason(driver: Driver, number: int) -> None:
    """One story: each run begins where the one before has broken."""
    fault = FAULTS[number]
    with pytest.raises(DriverError) as told:
        deploy(broken(driver, fault), PYTHON)
    assert str(fault.error) in str(told.value)


def test_control_c_in_the_middle_loses_nothing(driver: Driver) -> None:
    with pytest.raises(KeyboardInterrupt):
        deploy(broken(driver, Fault("programs", "chalice", KeyboardInterrupt())), PYTHON)


def test_then_it_goes_through_and_everything_is_there_once(driver: Driver, account: Account) -> None:
    driver.deploy()
    assert "Your agent: https://" in driver.words
    assert len(account.client("apigateway").get_rest_apis()["items"]) == 1
    assert len(account.client("apigatewayv2").get_apis()["Items"]) == 1
    assert len(account.client("lambda").list_functions()["Functions"]) == 5
    pool = driver.context("status").outputs()["UserPoolId"]
    assert driver.context("status").aws.users.emails(pool) == [EMAIL]


def test_the_key_was_asked_for_once_and_the_image_pushed_once(driver: Driver) -> None:
    assert (driver.answers, driver.secrets) == ([], [])
    assert sum("docker push" in each for each in driver.ran) == 1


def test_what_chalice_knew_comes_back_from_the_bucket(driver: Driver) -> None:
    """As on another machine, or after `git clean`."""
    deployed = driver.checkout / ".chalice" / "deployed" / "dev.json"
    before = deployed.read_text()
    deployed.unlink()
    driver.deploy()
    assert deployed.read_text() == before
