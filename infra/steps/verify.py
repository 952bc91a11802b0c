"""The proof that it works: a user of its own signs in, speaks, lets the agent sleep, and asks what it remembers.

The user is made for this check and forgotten after it: nobody's conversations are touched, no password is needed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from infra.adapters.visitor import Visitor
from infra.context import StepContext
from infra.conversation import WORDS
from infra.errors import DriverError
from infra.steps.webhook import try_webhook

PACKED = re.compile(r"session policy: (\d+) %")
NEARLY_FULL = 90


def verify(context: StepContext) -> None:
    outputs, began = deployed(context), context.clock()
    with temporary_user(context, outputs) as (_, token):
        context.talk(visitor_of(context, outputs, token), secrets.choice(WORDS), context.detail, lambda: None)
    try_webhook(context)
    report_policy(context, began)


def deployed(context: StepContext) -> dict[str, str]:
    """The outputs of what is there. Raises DriverError where nothing is."""
    outputs = context.outputs()
    if "Address" not in outputs:
        where = f"stage {context.names.stage} in {context.aws.region}"
        raise DriverError(f"There is nothing to check of {where}: run `make deploy`, or give --region and --stage.")
    return outputs


def visitor_of(context: StepContext, outputs: Mapping[str, str], token: str) -> Visitor:
    """By the page's own address, as everybody comes."""
    return Visitor(
        api=f"{outputs['Address']}/api",
        socket=outputs["SocketUrl"],
        origin=outputs["Address"],
        token=token,
        say=context.detail,
        sleep=context.sleep,
    )


def report_policy(context: StepContext, began: datetime) -> None:
    """How full the policy is that cuts a bridge down to one user: only STS knows, and it refuses what is over."""
    found = packed(line for _, _, line in context.aws.logs.since(context.names.logs_of_api, began))
    if found is None:
        context.detail("how full the session policy is, the log does not say")
        return
    context.detail(f"the session policy takes {found} % of what STS allows")
    if found > NEARLY_FULL:
        context.detail("! It is nearly full. A longer STAGE, or another name of the bucket, may make it too long.")


def packed(lines: Iterable[str]) -> int | None:
    """Per cent of what STS allows, the most that a log tells of."""
    return max((int(said[1]) for line in lines if (said := PACKED.search(line))), default=None)


@contextmanager
def temporary_user(context: StepContext, outputs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Somebody's id and identity token, for as long as the check takes."""
    users, pool = context.aws.users, outputs["UserPoolId"]
    email, password = f"check-{secrets.token_hex(6)}@example.invalid", f"Aa1!{secrets.token_urlsafe(24)}"
    user_id = users.make(pool, email, password)
    try:
        yield user_id, users.sign_in(pool, outputs["PageClientId"], email, password)
    finally:
        users.delete(pool, email)
        forget(context, user_id, outputs["DataBucket"])


def forget(context: StepContext, user_id: str, bucket: str) -> None:
    prefix = context.names.table_prefix
    for table in ("Conversations", "Settings", "PendingMessages", "Usage"):
        context.aws.tables.forget(prefix + table, user_id, ("userId", "sk"))
    context.aws.tables.forget(f"{prefix}TaskState", user_id, ("userId",))
    context.aws.tables.forget(f"{prefix}Connections", f"user#{user_id}", ("connectionId",))
    context.aws.buckets.empty(bucket, f"users/{user_id}/")
