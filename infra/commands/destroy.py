"""`destroy`: take away what bills. What people said, and who they are, stays unless it is told to go, too."""

from __future__ import annotations

from collections.abc import Mapping

from infra.adapters.stacks import Stack
from infra.context import Work
from infra.errors import DriverError
from infra.steps.app import deployed_path
from infra.steps.stack import drop_stack

LOOKS = 60  # for tasks that end
LOOK = 3.0


def destroy(work: Work) -> None:
    stage, everything = work.names.stage, work.settings.delete_data
    what = "everything, with all conversations, backups and users" if everything else "what runs; your data stays"
    if not work.settings.yes and not work.voice.confirm(f"Destroy {what} ({stage}, {work.aws.region})?"):
        raise DriverError("Nothing was done.")
    stack, base = work.aws.stacks.find(work.names.stack), work.aws.stacks.find(work.names.base)
    outputs = work.outputs()
    stop_webhook(work)
    stop_tasks(work)
    drop_app(work)
    drop_what_runs(work, stack)
    work.voice.say("Images")
    work.aws.registry.empty(work.names.images)
    if everything:
        drop_data(work, base, outputs)
    tell_kept(work, base, outputs)


def stop_webhook(work: Work) -> None:
    token = work.aws.secrets.get("telegram-bot-token")
    if token is None:
        return
    work.voice.say("Telegram")
    try:
        work.telegram.leave(token)
    except DriverError as error:
        work.detail(f"{error} It may go on sending to an address that is gone, which harms nobody.")


def stop_tasks(work: Work) -> None:
    """They back up and leave; a network with tasks in it cannot be deleted."""
    cluster = work.names.stack
    running = work.aws.tasks.running(cluster)
    if not running:
        return
    work.voice.say(f"{len(running)} tasks")
    for task in running:
        work.aws.tasks.stop(cluster, task.arn)
    for _ in range(LOOKS):
        if not work.aws.tasks.running(cluster):
            return
        work.sleep(LOOK)
    raise DriverError("Tasks do not end. Look at them in the console of ECS, then run the same again.")


def drop_app(work: Work) -> None:
    """By name, because a deploy that failed midway has told nobody what it made."""
    work.voice.say("Functions and timer")
    work.aws.functions.drop_timer(f"{work.names.stack}-watchdog-event")
    for name in work.names.functions:
        work.aws.functions.delete(name)
    deployed_path(work).unlink(missing_ok=True)


def drop_what_runs(work: Work, stack: Stack | None) -> None:
    if stack is None:
        return
    work.voice.say(f"Stack {work.names.stack}")
    if bucket := stack.outputs.get("PageBucket"):
        work.aws.buckets.empty(bucket)
    drop_stack(work, work.names.stack)


def drop_data(work: Work, base: Stack | None, outputs: Mapping[str, str]) -> None:
    """Tables, bucket and users outlive their stack on purpose, so each is deleted by name."""
    work.voice.say("Data")
    if base:
        drop_stack(work, work.names.base)
    for table in work.names.tables:
        work.aws.tables.delete(table)
    if bucket := outputs.get("DataBucket"):
        work.aws.buckets.delete(bucket)
    if pool := outputs.get("UserPoolId"):
        work.aws.users.drop_pool(pool)
    for name in work.aws.secrets.names():
        work.aws.secrets.delete(name)


def tell_kept(work: Work, base: Stack | None, outputs: Mapping[str, str]) -> None:
    kept = kept_things(work, outputs) if base and not work.settings.delete_data else []
    work.voice.say()
    if not kept:
        work.voice.say("Nothing is left.")
        return
    work.voice.say("Kept, for the next `make deploy`; together a cent or two a month:")
    for line in kept:
        work.voice.say(f"  {line}")
    work.voice.say("`python -m infra destroy --delete-data` forgets it all.")


def kept_things(work: Work, outputs: Mapping[str, str]) -> list[str]:
    tables = work.aws.tables.existing(work.names.tables)
    secrets = work.aws.secrets.names()
    return [
        f"{len(tables)} tables {work.names.table_prefix}… with conversations and settings",
        f"bucket {outputs['DataBucket']} with backups",
        f"user pool {outputs['UserPoolId']}",
        f"{len(secrets)} secrets under {work.names.secrets}",
    ]
