"""Gathers the facts that plans and the preflight are made from."""

from __future__ import annotations

from infra import source
from infra.adapters.docker import choose_builder
from infra.adapters.quotas import FUNCTIONS, NETWORKS, ON_DEMAND, SPOT
from infra.context import StepContext
from infra.images import ImageRecord, read_images
from infra.plan import Facts
from infra.preflight import Preconditions
from infra.rights import wanted_rights
from infra.zones import choose_zones


def facts(context: StepContext) -> Facts:
    aws, names, config = context.aws, context.names, context.config
    base, tag = aws.stacks.find(names.base), source.tag(context.root)
    stack, record = aws.stacks.find(names.stack), ImageRecord()
    if base and (bucket := base.outputs.get("DataBucket")):
        record = read_images(aws.buckets, bucket)
    used = stack.parameters.get("ImageTag", "") if stack and not stack.stillborn else ""
    pool = base.outputs.get("UserPoolId") if base else None
    return Facts(
        names=names,
        tag=tag,
        base=base,
        stack=stack,
        alarms=aws.stacks.find(names.alarms),
        image_there=aws.registry.has(names.images, tag),
        in_use=used if used and aws.registry.has(names.images, used) else "",
        refused=record.refused,
        builder="copy" if config.image_from else choose_builder(config.builder, context.programs.docker_machine()),
        secrets=frozenset(aws.secrets.names()),
        users=tuple(aws.users.emails(pool)) if pool else (),
        email=config.email,
        model=config.model,
        verify=not config.skip_verify,
        wanted=config.wanted | (_place(context) if stack is None or stack.stillborn else {}),
    )


def _place(context: StepContext) -> dict[str, str]:
    """Of a new network: one that is there keeps its own."""
    chosen = choose_zones(context.aws.quotas.zones(), context.aws.region)
    return {"Zones": chosen} if chosen else {}


def preconditions(context: StepContext, known: Facts, python: tuple[int, int]) -> Preconditions:
    aws, names = context.aws, context.names
    owned = known.base is not None and not known.base.stillborn
    there = [] if owned else aws.tables.existing(names.tables)
    leaving = aws.tables.leaving(there) if there else []
    caller = aws.iam.whoami()
    return Preconditions(
        python=python,
        refused=aws.iam.refused(caller, wanted_rights(names, caller.partition, caller.account, aws.region)),
        first=known.stack is None,
        orphan_tables=[table for table in there if table not in leaving],
        leaving_tables=leaving,
        networks=aws.quotas.networks(),
        networks_limit=aws.quotas.limit(NETWORKS),
        spot_limit=aws.quotas.limit(SPOT),
        on_demand_limit=aws.quotas.limit(ON_DEMAND),
        functions_limit=aws.quotas.limit(FUNCTIONS),
        page_built=(context.page / "index.html").is_file(),
        builder="" if known.image_there else known.builder,
        machine=context.programs.docker_machine(),
    )
