"""The product's tables and tasks, as a test reads and spoils them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.domain.agent import Agent, State
from chalicelib.store import Table, Update
from chalicelib.tables.agents import Agents, agent_key
from chalicelib.tables.connections import Connections
from chalicelib.tables.inbox import Inbox, Work
from local.aws.keys import AwsKeys
from local.names import CLUSTER, OWNER, REGION, STAGE, TABLE_PREFIX
from tests.e2e.processes import CLOUD, environment, running
from tests.e2e.product import Product, wait_for


@dataclass(frozen=True)
class Cloud:
    endpoint: str
    keys: AwsKeys

    @classmethod
    def of(cls, product: Product) -> Cloud:
        (pid,) = running(product.process.pid, CLOUD)
        environ = environment(pid)
        return cls(environ["AWS_ENDPOINT_URL"], AwsKeys.from_env(environ))

    def client(self, service: str, endpoint: str = "") -> Any:
        make: Any = boto3.client
        keys = {"aws_access_key_id": self.keys.id, "aws_secret_access_key": self.keys.secret}
        return make(service, endpoint_url=endpoint or self.endpoint, region_name=REGION, **keys)

    @property
    def store(self) -> DynamoStore:
        return DynamoStore(lambda: self.client("dynamodb"), TABLE_PREFIX)

    def agent(self) -> Agent:
        return Agents(self.store).get(OWNER)

    def work(self) -> Work:
        return Inbox(self.store, lambda seconds: None).look(OWNER)

    def move(self, address: str) -> None:
        """The row says that the bridge is somewhere else."""
        self.store.write(Update(Table.TASK_STATE, agent_key(OWNER), set={"address": address}))

    def hang_up(self, origin: str) -> None:
        """On all pages, which open another socket each."""
        sockets = self.client("apigatewaymanagementapi", f"{origin.replace('localhost', '127.0.0.1')}/{STAGE}")
        for connection_id in Connections(self.store).of(OWNER, datetime.now(UTC)):
            with suppress(sockets.exceptions.GoneException):
                sockets.delete_connection(ConnectionId=connection_id)

    def started_tasks(self) -> list[str]:
        """ARNs of all tasks that were ever started in this run, the stopped ones too."""
        ecs = self.client("ecs")
        listed = [ecs.list_tasks(cluster=CLUSTER, desiredStatus=status) for status in ("RUNNING", "STOPPED")]
        return [arn for each in listed for arn in each["taskArns"]]

    def settled(self) -> bool:
        """Nothing runs, nothing waits, and nobody is owed an answer."""
        agent, work = self.agent(), self.work()
        counters = (agent.pending, agent.inflight, agent.undelivered)
        return counters == (0, 0, 0) and not (work.messages or work.deliveries)

    def wait_running(self, patience: float = 120.0) -> Agent:
        def look() -> Agent | None:
            agent = self.agent()
            return agent if agent.state is State.RUNNING else None

        return wait_for(look, "a running agent", patience)
