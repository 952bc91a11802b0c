"""Away with it: interrupted anywhere, without its stack, in the wrong region; and nothing untrue is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.commands.destroy import destroy
from infra.errors import AwsError, DriverError
from infra.steps.stack import drop_stack
from tests.infra.driver import EMAIL, KEY, Driver, deploy
from tests.infra.faults import Fault, break_at
from tests.infra.leftovers import left_behind

LOST = AwsError("Connect timeout on endpoint URL")
STOPPED = KeyboardInterrupt()
FAULTS = (
    Fault("functions", "drop_timer", LOST, after=True),
    Fault("functions", "delete", STOPPED, call=3),
    Fault("stacks", "delete", LOST, after=True),
    Fault("registry", "empty", STOPPED),
    Fault("buckets", "delete", LOST),
    Fault("buckets", "delete", STOPPED, after=True),
    Fault("users", "drop_pool", LOST),
    Fault("users", "drop_pool", STOPPED, after=True),
    Fault("tables", "delete", LOST, call=3, after=True),
    Fault("secrets", "delete", STOPPED, after=True),
    Fault("stacks", "delete", STOPPED),  # of the base stack, the last thing
)


@pytest.fixture(scope="module")
def driver(deployed: Driver) -> Driver:
    bucket = deployed.context("status").outputs()["DataBucket"]
    s3 = deployed.account.client("s3")
    for key in ("manifest.json", "manifest.json", "packs/gone"):
        s3.put_object(Bucket=bucket, Key=f"users/ada/state/{key}", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="users/ada/state/packs/gone")
    found = s3.list_object_versions(Bucket=bucket, Prefix="users/")
    assert (len(found["Versions"]), len(found["DeleteMarkers"])) == (3, 1), "the bucket keeps what was replaced"
    return deployed


def forget(driver: Driver) -> None:
    destroy(driver.context("destroy", "--yes", "--delete-data"))


def test_in_another_region_it_says_where_it_looked_and_where_there_is_something(driver: Driver) -> None:
    away = replace(driver, region="eu-west-1")
    with pytest.raises(DriverError, match=r"Nothing was done: .* eu-west-1 .* Is it us-east-1"):
        destroy(away.context("destroy", "--yes", "--delete-data"))
    with pytest.raises(DriverError, match="nothing of stage other is in the region us-east-1"):
        destroy(replace(driver, stage="other").context("destroy", "--yes", "--delete-data"))
    assert "Nothing is left" not in driver.words


def test_timer_and_functions_are_gone_before_any_task_is_stopped(driver: Driver) -> None:
    """Else the watchdog starts again what it finds stopped."""
    context = break_at(driver.context("destroy", "--yes"), Fault("tasks", "running", LOST))
    with pytest.raises(AwsError):
        destroy(context)
    assert driver.account.client("lambda").list_functions()["Functions"] == []
    assert driver.account.client("events").list_rules()["Rules"] == []


def test_interrupted_anywhere_it_loses_nothing_out_of_sight_and_promises_nothing(driver: Driver) -> None:
    """One story: each run begins where the one before has broken."""
    for fault in FAULTS:
        with pytest.raises((KeyboardInterrupt, AwsError)):
            destroy(break_at(driver.context("destroy", "--yes", "--delete-data"), fault))
        assert "Nothing is left" not in driver.words, fault
        assert left_behind(driver.account), fault
    forget(driver)
    assert "\n".join(left_behind(driver.account)) == ""
    assert driver.words.rstrip().endswith("Nothing is left.")


def test_a_deploy_at_once_after_it_finds_no_table_in_its_way(driver: Driver) -> None:
    """Tables take a while to go: they were waited for."""
    driver.answers, driver.secrets = ["anthropic"], [KEY]
    driver.deploy()
    assert len(driver.context("status").aws.tables.existing(driver.context("status").names.tables)) == 6


def test_what_no_stack_knows_any_more_is_found_by_its_name(driver: Driver) -> None:
    destroy(driver.context("destroy", "--yes"))
    drop_stack(driver.context("destroy"), "serverless-openclaw-dev-base")
    kept = left_behind(driver.account)
    assert {each.partition(":")[0] for each in kept} >= {"tables", "buckets", "pools", "secrets"}
    forget(driver)
    assert "\n".join(left_behind(driver.account)) == ""


def test_tables_that_are_still_being_deleted_are_no_tables_that_nobody_owns(driver: Driver) -> None:
    driver.answers, driver.secrets = ["anthropic"], [KEY]
    interrupted = driver.context("deploy", "--yes", "--email", EMAIL)
    with pytest.raises(KeyboardInterrupt):
        deploy(break_at(interrupted, Fault("programs", "chalice", STOPPED)))
    with pytest.raises(KeyboardInterrupt):
        destroy(break_at(driver.context("destroy", "--yes", "--delete-data"), Fault("tables", "existing", STOPPED, 2)))
    with pytest.raises(DriverError, match="Nothing was done"):
        driver.deploy()
    assert "Tables are still being deleted" in driver.words
    assert "Tables are there that no stack owns" not in driver.words
