"""The proof that it works: a user of its own signs in, speaks, lets the agent sleep, and asks what it remembers.

The user is made for this check and forgotten after it: nobody's conversations are touched, no password is needed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from infra.adapters.visitor import Visitor
from infra.context import StepContext
from infra.errors import CheckFailed

WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "garnet", "harbor")


def verify(context: StepContext) -> None:
    outputs = context.outputs()
    with temporary_user(context, outputs) as (_, token):
        converse(visitor_of(context, outputs, token), secrets.choice(WORDS), context.detail)


def visitor_of(context: StepContext, outputs: Mapping[str, str], token: str) -> Visitor:
    return Visitor(
        api=f"https://{outputs['RestApiId']}.execute-api.{context.aws.region}.amazonaws.com/api",
        socket=outputs["SocketUrl"],
        origin=outputs["Address"],
        token=token,
        say=context.detail,
        sleep=context.sleep,
    )


def converse(
    visitor: Visitor, word: str, say: Callable[[str], None], wake: Callable[[], object] = lambda: None
) -> None:
    """`wake` starts the agent where a message alone would start another one."""
    began = time.monotonic()
    wake()
    visitor.ask(f"Remember this word, I will ask for it later: {word}. Answer with one short sentence.")
    say(f"it woke and answered after {time.monotonic() - began:.0f} s")
    visitor.fall_asleep()
    say("it sleeps")
    wake()
    answer = visitor.ask("Which word did I ask you to remember? Answer with the word alone.")
    if word not in answer.lower():
        raise CheckFailed(f"After its sleep the agent does not remember {word!r}; it says: {answer[:200]}")
    say("it woke and remembers")
    visitor.fall_asleep()


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
