"""The REST API after `chalice deploy`: what is put there counts only once it is deployed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from infra.adapters.apis import Apis


@dataclass
class RestClient:
    """API Gateway's client: which calls came, in order."""

    calls: list[tuple[str, Any]] = field(default_factory=list)

    def put_gateway_response(self, restApiId: str, responseType: str, **_: Any) -> None:
        self.calls.append((restApiId, responseType))

    def create_deployment(self, restApiId: str, stageName: str) -> None:
        self.calls.append((restApiId, f"deployed to {stageName}"))


def test_refusals_are_put_before_they_are_deployed() -> None:
    rest = RestClient()
    Apis(rest, None).shape_refusals("r1", "api", {"THROTTLED": "{}", "DEFAULT_4XX": "{}"})
    assert rest.calls == [("r1", "THROTTLED"), ("r1", "DEFAULT_4XX"), ("r1", "deployed to api")]
