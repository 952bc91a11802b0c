"""What the resources of a stage are called, in the templates and by chalice."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.store import Table
from infra.errors import DriverError

APP = "serverless-openclaw"
STAGE = re.compile(r"[a-z][a-z0-9]{1,7}")
RESERVED = ("aws", "amazon", "cognito")  # Cognito takes none of these in the name of a sign-in page
FUNCTIONS = ("watchdog", "websocket_connect", "websocket_message", "websocket_disconnect")


@dataclass(frozen=True)
class StageNames:
    stage: str

    def __post_init__(self) -> None:
        if not STAGE.fullmatch(self.stage):
            raise DriverError(
                f"STAGE is {self.stage!r}: wanted two to eight small letters and digits, the first a letter"
            )
        if any(word in self.stage for word in RESERVED):
            raise DriverError(f"STAGE is {self.stage!r}: Cognito refuses names with {', '.join(RESERVED)} in them")

    @property
    def stack(self) -> str:
        """What runs."""
        return f"{APP}-{self.stage}"

    @property
    def base(self) -> str:
        """What stays."""
        return f"{APP}-{self.stage}-base"

    @property
    def alarms(self) -> str:
        """What the owner hears of."""
        return f"{APP}-{self.stage}-alarms"

    @property
    def table_prefix(self) -> str:
        return f"{APP}-{self.stage}-"

    @property
    def tables(self) -> list[str]:
        return [self.table_prefix + table.value for table in Table]

    @property
    def images(self) -> str:
        return f"{APP}-{self.stage}"

    @property
    def pool(self) -> str:
        """Of users."""
        return f"{APP}-{self.stage}"

    @property
    def buckets(self) -> tuple[str, str]:
        """How their names begin: of what people keep, and of the page."""
        return f"{self.base}-databucket-", f"{self.stack}-pagebucket-"

    def trial(self, region: str) -> str:
        """The distribution that CloudFront, which is the same in all regions, is tried with."""
        return f"{self.stack}-{region}-trial"

    @property
    def timer(self) -> str:
        return f"{self.stack}-watchdog-event"

    @property
    def functions(self) -> list[str]:
        return [self.stack, *(f"{self.stack}-{name}" for name in FUNCTIONS)]

    @property
    def logs(self) -> list[str]:
        return [f"/ecs/{self.stack}", *(f"/aws/lambda/{name}" for name in self.functions)]

    @property
    def logs_of_api(self) -> str:
        return f"/aws/lambda/{self.stack}"

    @property
    def secrets(self) -> str:
        return f"/{APP}/{self.stage}/secrets/"
