"""What takes its time, or has to be done in order, on AWS, and is done at once in moto."""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpBackend
from moto.dynamodb.exceptions import ResourceInUseException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

LOOKS = 2  # that a table is still there for, after its deletion has begun
DELETING: dict[tuple[DynamoDBBackend, str], int] = {}


def install() -> None:
    _tables_leave_slowly()
    _tables_that_leave_are_in_the_way()
    _pools_keep_their_domain()


def _tables_leave_slowly() -> None:
    delete, listed = DynamoDBBackend.delete_table, DynamoDBBackend.list_tables

    def begin(self: DynamoDBBackend, name: str) -> Table:
        table = self.get_table(name)
        if (self, name) in DELETING:
            raise ResourceInUseException(f"Attempt to change a resource which is still in use: {name}")
        DELETING[self, name] = LOOKS
        return table

    def look(self: DynamoDBBackend, *arguments: Any) -> Any:
        found = listed(self, *arguments)
        for (backend, name), looks in list(DELETING.items()):
            DELETING[backend, name] = looks - 1
            if looks == 1:
                del DELETING[backend, name]
                delete(backend, name)
        return found

    DynamoDBBackend.delete_table = begin  # type: ignore[method-assign]
    DynamoDBBackend.list_tables = look  # type: ignore[assignment,method-assign]


def _tables_that_leave_are_in_the_way() -> None:
    create, describe = DynamoDBBackend.create_table, Table.describe

    def refuse(self: DynamoDBBackend, name: str, *rest: Any, **options: Any) -> Table:
        if (self, name) in DELETING:
            raise ResourceInUseException(f"Table is being deleted: {name}")
        return create(self, name, *rest, **options)

    def tell(self: Table, *arguments: Any, **options: Any) -> dict[str, Any]:
        told = describe(self, *arguments, **options)
        if any(name == self.name for _, name in DELETING):
            next(iter(told.values()))["TableStatus"] = "DELETING"
        return told

    DynamoDBBackend.create_table = refuse  # type: ignore[method-assign]
    Table.describe = tell  # type: ignore[method-assign]


def _pools_keep_their_domain() -> None:
    delete = CognitoIdpBackend.delete_user_pool

    def refuse(self: CognitoIdpBackend, user_pool_id: str) -> None:
        if any(each.user_pool_id == user_pool_id for each in self.user_pool_domains.values()):
            raise InvalidParameterException("User pool cannot be deleted. It has a domain configured.")
        delete(self, user_pool_id)

    CognitoIdpBackend.delete_user_pool = refuse  # type: ignore[method-assign]
