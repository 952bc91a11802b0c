"""What the account may have at once: Service Quotas, and how much of it is in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated
from infra.errors import AwsError

NETWORKS = ("vpc", "L-F678F1CE")
ON_DEMAND = ("fargate", "L-3032A538")
SPOT = ("fargate", "L-36FBB829")
FUNCTIONS = ("lambda", "L-B99A9384")  # at once


@dataclass(frozen=True)
class Quotas:
    client: Any
    network: Any

    def limit(self, quota: tuple[str, str]) -> float | None:
        """None when AWS does not say."""
        service, code = quota
        try:
            with translated("asking for the account's limits"):
                return float(self.client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"])
        except AwsError:
            return None

    def zones(self) -> dict[str, str]:
        """Their ids by name; empty when AWS does not say."""
        try:
            with translated("looking at the zones"):
                found = self.network.describe_availability_zones()["AvailabilityZones"]
        except AwsError:
            return {}
        usable = [each for each in found if (each["ZoneType"], each["State"]) == ("availability-zone", "available")]
        return {each["ZoneName"]: each["ZoneId"] for each in usable}

    def networks(self) -> int:
        with translated("counting the networks"):
            return len(self.network.describe_vpcs()["Vpcs"])
