"""`destroy`: take away what bills. What people said, and who they are, stays unless --delete-data is given."""

from __future__ import annotations

from collections.abc import Mapping

from infra.adapters.stacks import Stack
from infra.context import StepContext
from infra.errors import DriverError
from infra.steps.app import deployed_path
from infra.steps.stack import drop_stack

TRIES = 60  # for tasks that end
PAUSE = 3.0


def destroy(context: StepContext) -> None:
    stage, everything = context.names.stage, context.config.delete_data
    what = "everything, with all conversations, backups and users" if everything else "what runs; your data stays"
    if not context.config.yes and not context.console.confirm(f"Destroy {what} ({stage}, {context.aws.region})?"):
        raise DriverError("Nothing was done.")
    stack, base = context.aws.stacks.find(context.names.stack), context.aws.stacks.find(context.names.base)
    outputs = context.outputs()
    stop_webhook(context)
    stop_tasks(context)
    drop_app(context)
    drop_what_runs(context, stack)
    context.console.say("Images")
    context.aws.registry.empty(context.names.images)
    if everything:
        drop_data(context, base, outputs)
    report_kept(context, base, outputs)


def stop_webhook(context: StepContext) -> None:
    token = context.aws.secrets.get("telegram-bot-token")
    if token is None:
        return
    context.console.say("Telegram")
    try:
        context.telegram.delete(token)
    except DriverError as error:
        context.detail(f"{error} It may go on sending to an address that is gone, which harms nobody.")


def stop_tasks(context: StepContext) -> None:
    """They back up and leave; a network with tasks in it cannot be deleted."""
    cluster = context.names.stack
    running = context.aws.tasks.running(cluster)
    if not running:
        return
    context.console.say(f"{len(running)} tasks")
    for task in running:
        context.aws.tasks.stop(cluster, task.arn)
    for _ in range(TRIES):
        if not context.aws.tasks.running(cluster):
            return
        context.sleep(PAUSE)
    raise DriverError("Tasks do not end. Look at them in the console of ECS, then run the same again.")


def drop_app(context: StepContext) -> None:
    """By name, because a deploy that failed midway has told nobody what it made."""
    context.console.say("Functions and timer")
    context.aws.functions.drop_timer(f"{context.names.stack}-watchdog-event")
    for name in context.names.functions:
        context.aws.functions.delete(name)
    deployed_path(context).unlink(missing_ok=True)


def drop_what_runs(context: StepContext, stack: Stack | None) -> None:
    if stack is None:
        return
    context.console.say(f"Stack {context.names.stack}")
    if bucket := stack.outputs.get("PageBucket"):
        context.aws.buckets.empty(bucket)
    drop_stack(context, context.names.stack)


def drop_data(context: StepContext, base: Stack | None, outputs: Mapping[str, str]) -> None:
    """Tables, bucket and users outlive their stack on purpose, so each is deleted by name."""
    context.console.say("Data")
    if base:
        drop_stack(context, context.names.base)
    for table in context.names.tables:
        context.aws.tables.delete(table)
    if bucket := outputs.get("DataBucket"):
        context.aws.buckets.delete(bucket)
    if pool := outputs.get("UserPoolId"):
        context.aws.users.drop_pool(pool)
    for name in context.aws.secrets.names():
        context.aws.secrets.delete(name)


def report_kept(context: StepContext, base: Stack | None, outputs: Mapping[str, str]) -> None:
    kept = kept_things(context, outputs) if base and not context.config.delete_data else []
    context.console.say()
    if not kept:
        context.console.say("Nothing is left.")
        return
    context.console.say("Kept, for the next `make deploy`; together a cent or two a month:")
    for line in kept:
        context.console.say(f"  {line}")
    context.console.say("`python -m infra destroy --delete-data` forgets it all.")


def kept_things(context: StepContext, outputs: Mapping[str, str]) -> list[str]:
    tables = context.aws.tables.existing(context.names.tables)
    secrets = context.aws.secrets.names()
    return [
        f"{len(tables)} tables {context.names.table_prefix}… with conversations and settings",
        f"bucket {outputs['DataBucket']} with backups",
        f"user pool {outputs['UserPoolId']}",
        f"{len(secrets)} secrets under {context.names.secrets}",
    ]
