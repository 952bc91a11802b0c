"""How DynamoStore meets DynamoDB's own troubles; what it stores is in the contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.dynamodb import ATTEMPTS, DynamoStore
from chalicelib.adapters.tables import create_tables
from chalicelib.errors import ConditionFailed, Unstorable
from chalicelib.store import Put, Table, Update
from tests.fakes.dynamodb import client

ADA = {"userId": "ada"}
TOUCH = Update(Table.TASK_STATE, ADA, add={"n": 1})
PAIR = (TOUCH, Put(Table.CONNECTIONS, {"connectionId": "c"}))


@dataclass
class Troubled:
    store: DynamoStore
    stub: Stubber
    slept: list[float]

    def cancel(self, *codes: str) -> None:
        reasons = [{"Code": code} for code in codes]
        self.stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": reasons},
        )


@pytest.fixture
def troubled(aws_environment: None) -> Iterator[Troubled]:
    dynamodb, slept = boto3.client("dynamodb"), list[float]()
    with Stubber(dynamodb) as stub:
        yield Troubled(DynamoStore(lambda: dynamodb, "test-", slept.append), stub, slept)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_meets_others_is_tried_again(troubled: Troubled, reason: str) -> None:
    troubled.cancel("None", reason)
    troubled.stub.add_response("transact_write_items", {})
    assert troubled.store.write(*PAIR) == {}
    assert len(troubled.slept) == 1


def test_an_update_that_meets_a_transaction_is_tried_again(troubled: Troubled) -> None:
    troubled.stub.add_client_error("update_item", "TransactionConflictException")
    troubled.stub.add_response("update_item", {"Attributes": {"n": {"N": "1"}}})
    assert troubled.store.write(TOUCH) == {"n": 1}


def test_a_conflict_that_stays_is_told(troubled: Troubled) -> None:
    for _ in range(ATTEMPTS):
        troubled.cancel("TransactionConflict", "None")
    with pytest.raises(ClientError):
        troubled.store.write(*PAIR)
    assert sum(troubled.slept) < 2


def test_a_failed_condition_is_not_tried_again(troubled: Troubled) -> None:
    troubled.cancel("ConditionalCheckFailed", "TransactionConflict")
    with pytest.raises(ConditionFailed):
        troubled.store.write(*PAIR)
    assert troubled.slept == []


def test_any_other_error_stays_what_it_is(troubled: Troubled) -> None:
    troubled.stub.add_client_error("update_item", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        troubled.store.write(TOUCH)


def test_what_the_tables_will_never_take_is_told_apart(troubled: Troubled) -> None:
    troubled.stub.add_client_error("update_item", "ValidationException")
    with pytest.raises(Unstorable):
        troubled.store.write(TOUCH)
    troubled.cancel("None", "ValidationError")
    with pytest.raises(Unstorable):
        troubled.store.write(*PAIR)
    assert troubled.slept == []


@mock_aws
def test_tables_are_made_once() -> None:
    for _ in range(2):
        create_tables(client(), "again-")
    assert sorted(client().list_tables()["TableNames"]) == sorted(f"again-{table.value}" for table in Table)
