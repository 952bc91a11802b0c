"""The two zones of a network: those where Fargate runs tasks, which it does not in all of a region."""

from __future__ import annotations

from collections.abc import Mapping

# By region, the ids of the only zones that "Supported Regions for Amazon ECS on AWS Fargate" names (2026-11); a region
# that is not here has Fargate in each. A zone's id is the same for everybody, its name is the account's own.
ONLY = {
    "ap-northeast-1": ("apne1-az1", "apne1-az2", "apne1-az4"),
    "ca-central-1": ("cac1-az1", "cac1-az2"),  # as an older edition of the page has it: they are enough
    "cn-north-1": ("cnn1-az1", "cnn1-az2"),
    "us-east-1": ("use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"),  # az3 is old, and left out by others
    "us-west-1": ("usw1-az1", "usw1-az3"),
}
WANTED = 2


def choose_zones(zones: Mapping[str, str], region: str) -> str:
    """For the parameter of the stack, from ids by name; one zone twice where there is no other, "" where none fits."""
    fitting = sorted(name for name, zone in zones.items() if zone in ONLY.get(region, (zone,)))
    return ",".join((fitting * WANTED)[:WANTED])
