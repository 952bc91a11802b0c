"""A network stands in zones that have Fargate; one that is there stays where it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.adapters.quotas import Quotas
from infra.zones import choose_zones
from tests.infra.templates import resources


@pytest.mark.parametrize(
    ("region", "zones", "chosen"),
    [
        ("eu-west-1", {"b": "euw1-az1", "a": "euw1-az3", "c": "euw1-az2"}, "a,b"),
        ("us-east-1", {"a": "use1-az3", "b": "use1-az6", "c": "use1-az1"}, "b,c"),
        ("ap-northeast-1", {"a": "apne1-az3", "c": "apne1-az4", "d": "apne1-az1"}, "c,d"),
        ("us-west-1", {"a": "usw1-az2", "b": "usw1-az1"}, "b,b"),
        ("us-west-1", {"a": "usw1-az2"}, ""),
        ("eu-west-1", {}, ""),
    ],
)
def test_only_zones_with_fargate_are_chosen(region: str, zones: dict[str, str], chosen: str) -> None:
    assert choose_zones(zones, region) == chosen


def zone(name: str, kind: str = "availability-zone", state: str = "available") -> dict[str, str]:
    return {"ZoneName": name, "ZoneId": f"id-of-{name}", "ZoneType": kind, "State": state}


def test_local_zones_and_those_that_are_away_are_none() -> None:
    told = [zone("a"), zone("lax", "local-zone"), zone("b", state="impaired")]
    network: Any = SimpleNamespace(describe_availability_zones=lambda: {"AvailabilityZones": told})
    assert Quotas(None, network).zones() == {"a": "id-of-a"}


def test_who_may_not_ask_leaves_it_to_aws() -> None:
    def refuse() -> None:
        raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "DescribeAvailabilityZones")

    network: Any = SimpleNamespace(describe_availability_zones=refuse)
    assert Quotas(None, network).zones() == {}


def test_a_network_that_is_there_is_not_moved() -> None:
    """A stack without the parameter is one of an older release: its subnets are where AWS has put them."""
    for number, name in enumerate(("SubnetA", "SubnetB")):
        zones = {"Fn::If": ["ZonesChosen", {"Fn::Split": [",", {"Ref": "Zones"}]}, {"Fn::GetAZs": ""}]}
        assert resources()[name]["Properties"]["AvailabilityZone"] == {"Fn::Select": [number, zones]}
