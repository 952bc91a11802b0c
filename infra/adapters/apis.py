"""API Gateway: what `chalice deploy` leaves to do, and APIs that nobody owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless
from infra.errors import AwsError

RATE, BURST = 200, 100  # messages a second of all sockets; one person's page sends a few
CONNECT_RATE, CONNECT_BURST = 20, 40  # sockets that are opened: open to anybody who asks, with a ticket or not
REST_RATE, REST_BURST = 50, 100
OPEN_RATE, OPEN_BURST = 20, 40
OPEN_ROUTES = ("telegram", "bridge/credentials")  # without an authorizer: what comes is believed by its signature alone


@dataclass(frozen=True)
class Apis:
    rest: Any
    sockets: Any

    def publish(self, api_id: str, stage: str) -> None:
        """Chalice writes the routes of an API that is there, but does not publish them."""
        with translated("publishing the socket's routes"):
            made = self.sockets.create_deployment(ApiId=api_id)["DeploymentId"]
            limits = {"ThrottlingRateLimit": RATE, "ThrottlingBurstLimit": BURST}
            connecting = {"ThrottlingRateLimit": CONNECT_RATE, "ThrottlingBurstLimit": CONNECT_BURST}
            rates = {"DefaultRouteSettings": limits, "RouteSettings": {"$connect": connecting}}
            wanted = {"ApiId": api_id, "StageName": stage, "DeploymentId": made, **rates}
            try:
                self.sockets.create_stage(**wanted)
            except self.sockets.exceptions.ConflictException:
                self.sockets.update_stage(**wanted)

    def throttle(self, rest_id: str, stage: str) -> None:
        """Of each method: the account's own limit is shared with everything else in it. Open routes have less."""
        patches = [*_rates("/*/*", REST_RATE, REST_BURST)]
        for route in OPEN_ROUTES:
            patches += _rates(f"/~1{route.replace('/', '~1')}/POST", OPEN_RATE, OPEN_BURST)
        with translated("limiting the REST API"):
            self.rest.update_stage(restApiId=rest_id, stageName=stage, patchOperations=patches)

    def shape_refusals(self, rest_id: str, stage: str, templates: Mapping[str, str]) -> None:
        """What API Gateway itself refuses, by kind; Chalice writes the API without it."""
        with translated("giving a shape to what the REST API refuses"):
            for kind, template in templates.items():  # without a status: that of a default would be everybody's
                written = {"application/json": template}
                self.rest.put_gateway_response(restApiId=rest_id, responseType=kind, responseTemplates=written)
            self.rest.create_deployment(restApiId=rest_id, stageName=stage)

    def published(self, api_id: str, stage: str) -> bool:
        try:
            with translated("looking at the socket's stage"):
                return bool(self.sockets.get_stage(ApiId=api_id, StageName=stage))
        except AwsError as error:
            if error.code == "NotFoundException":
                return False
            raise

    def orphans(self, rest_name: str, socket_name: str, owned: set[str]) -> dict[str, str]:
        """APIs of our names that no stack owns: kind by id. A `chalice deploy` that failed midway leaves such."""
        with translated("listing the APIs"):
            rest = self.rest.get_rest_apis(limit=500)["items"]
            sockets = self.sockets.get_apis(MaxResults="500")["Items"]
        found = {each["id"]: "REST" for each in rest if each["name"] == rest_name}
        found |= {each["ApiId"]: "WebSocket" for each in sockets if each["Name"] == socket_name}
        return {api_id: kind for api_id, kind in found.items() if api_id not in owned}

    def delete(self, api_id: str, kind: str) -> None:
        with unless("NotFoundException"), translated(f"deleting the {kind} API {api_id}"):
            if kind == "REST":
                self.rest.delete_rest_api(restApiId=api_id)
            else:
                self.sockets.delete_api(ApiId=api_id)


def _rates(method: str, rate: int, burst: int) -> list[dict[str, str]]:
    limits = {"rateLimit": rate, "burstLimit": burst}
    return [
        {"op": "replace", "path": f"{method}/throttling/{name}", "value": str(value)} for name, value in limits.items()
    ]
