"""What there is of a stage in this region, by name: found also when no stack knows of it any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.context import StepContext


@dataclass(frozen=True)
class Inventory:
    """Names and ids; what only bills by use and goes with its stack is not among them."""

    stacks: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()  # distributions that CloudFront was tried with

    def lines(self) -> Iterator[str]:
        for kind, names in vars(self).items():
            if names:
                yield f"{kind}: {', '.join(names)}"


def take_inventory(context: StepContext) -> Inventory:
    aws, names = context.aws, context.names
    return Inventory(
        stacks=tuple(name for name in (names.alarms, names.stack, names.base) if aws.stacks.find(name)),
        functions=tuple(name for name in names.functions if aws.functions.exists(name)),
        tables=tuple(aws.tables.existing(names.tables)),
        buckets=tuple(bucket.name for bucket in aws.buckets.named(names.buckets) if bucket.region == aws.region),
        pools=tuple(aws.users.pools(names.pool)),
        secrets=tuple(aws.secrets.names()),
        trials=tuple(each["Id"] for each in aws.distributions.named(names.trial(aws.region))),
    )


def elsewhere(context: StepContext) -> list[str]:
    """Other regions where buckets of this stage lie: S3 alone lists what is in all of them."""
    found = {bucket.region for bucket in context.aws.buckets.named(context.names.buckets)}
    return sorted(found - {context.aws.region})
