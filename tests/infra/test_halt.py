"""`python -m infra halt`: the row that the functions read."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.tables.halts import Halts
from infra.commands.halt import halt
from infra.errors import DriverError
from tests.infra.driver import Account, Driver


def test_the_driver_sets_and_lifts_the_switch_that_the_functions_read(account: Account, checkout: Path) -> None:
    driver = Driver(account, checkout)
    client = account.client("dynamodb")
    name = "serverless-openclaw-dev-Settings"
    keys = [{"AttributeName": "userId", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    kinds = [{"AttributeName": each["AttributeName"], "AttributeType": "S"} for each in keys]
    client.create_table(TableName=name, KeySchema=keys, AttributeDefinitions=kinds, BillingMode="PAY_PER_REQUEST")
    halts = Halts(DynamoStore(lambda: client, "serverless-openclaw-dev-"))

    halt(driver.context("halt", "on"))
    assert halts.of("ada") == "halted_all"
    assert "starts" in driver.words
    halt(driver.context("halt", "off"))
    assert halts.of("ada") is None

    with pytest.raises(DriverError, match="halt on"):
        halt(driver.context("halt"))
    client.delete_table(TableName=name)
