"""`probe`: what a first real account does that nothing else can show, asked with a user made for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from infra.context import StepContext
from infra.errors import CheckFailed, DriverError
from infra.probes import PROBES, Probe, Site, borrow
from infra.services import services_of
from infra.steps.verify import deployed, temporary_user, visitor_of

GUIDE = "docs/first-account.md says what to change."


def probe(context: StepContext) -> None:
    outputs, asked = deployed(context), chosen(context.config.arguments)
    services = services_of(context, outputs)
    with temporary_user(context, outputs) as (user_id, token):
        visitor = visitor_of(context, outputs, token)
        bridge = cache(lambda: borrow(visitor, services, user_id, context.aws.region))
        site = Site(visitor, user_id, services, bridge, lambda *of: lines(context, *of), logs(context))
        otherwise = [each.name for each in asked if not answered(context, each, site)]
    if otherwise:
        raise CheckFailed(f"Otherwise than expected: {', '.join(otherwise)}. {GUIDE}")


def answered(context: StepContext, one: Probe, site: Site) -> bool:
    """Whether it is as expected. An error that nobody foresaw is a finding, too, and the other probes go on."""
    context.console.say(f"{one.name:10}{one.asks}")
    try:
        context.detail(one.look(site))
    except Exception as error:  # noqa: BLE001
        context.detail(f"! {error if isinstance(error, DriverError) else repr(error)}")
        return False
    return True


def chosen(names: tuple[str, ...]) -> list[Probe]:
    known = {each.name: each for each in PROBES}
    if unknown := [name for name in names if name not in known]:
        raise DriverError(f"There is no probe {', '.join(unknown)}; there are {', '.join(known)}.")
    return [known[name] for name in names or known]


def lines(context: StepContext, log: str, since: datetime, words: str) -> list[str]:
    return [line for _, _, line in context.aws.logs.since(log, since, words)]


def logs(context: StepContext) -> Mapping[str, str]:
    """Of the functions that a message passes on its way in."""
    of = f"{context.names.logs_of_api}-websocket_"
    return {"REST": context.names.logs_of_api, "connect": f"{of}connect", "message": f"{of}message"}
