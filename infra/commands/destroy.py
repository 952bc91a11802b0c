"""`destroy`: take away what bills. What people said, and who they are, stays unless --delete-data is given."""

from __future__ import annotations

from infra.context import StepContext
from infra.errors import DriverError
from infra.inventory import Inventory, elsewhere, take_inventory
from infra.steps.app import deployed_path
from infra.steps.stack import drop_stack
from infra.steps.trial import end_trial

TRIES = 60  # for tasks that end
TABLE_TRIES = 200  # for tables that go: usually within a minute
PAUSE = 3.0


def destroy(context: StepContext) -> None:
    there = take_inventory(context)
    if not list(there.lines()):
        raise DriverError(nothing_here(context))
    show(context, there)
    confirm(context)
    stop_webhook(context)
    drop_stack(context, context.names.alarms)
    drop_app(context)
    stop_tasks(context)
    drop_what_runs(context, there)
    if there.trials:
        end_trial(context)
    context.console.say("Images")
    context.aws.registry.empty(context.names.images)
    if context.config.delete_data:
        drop_data(context, there)
    report_left(context)


def nothing_here(context: StepContext) -> str:
    """Where was looked, because the wrong region looks like an account where all is gone."""
    account, stage = context.aws.iam.whoami().account, context.names.stage
    looked = "stacks, functions, tables, buckets, users, secrets and distributions"
    where = f"in the region {context.aws.region} of the account {account}"
    others = elsewhere(context)
    hint = f"Is it {', '.join(others)}, where its buckets are" if others else "Is it another one"
    return (
        f"Nothing was done: nothing of stage {stage} is {where}. Looked for: {looked}. {hint}? Give --region, --stage."
    )


def show(context: StepContext, there: Inventory) -> None:
    context.console.say(f"Of stage {context.names.stage}, in {context.aws.region}:")
    for line in there.lines():
        context.detail(line)


def confirm(context: StepContext) -> None:
    stage, everything = context.names.stage, context.config.delete_data
    what = "everything, with all conversations, backups and users" if everything else "what runs; your data stays"
    if not context.config.yes and not context.console.confirm(f"Destroy {what} ({stage}, {context.aws.region})?"):
        raise DriverError("Nothing was done.")


def stop_webhook(context: StepContext) -> None:
    token = context.aws.secrets.get("telegram-bot-token")
    if token is None:
        return
    context.console.say("Telegram")
    try:
        context.telegram.delete(token)
    except DriverError as error:
        context.detail(f"{error} It may go on sending to an address that is gone, which harms nobody.")


def drop_app(context: StepContext) -> None:
    """Before the tasks, or the watchdog starts them again. By name: a deploy that failed midway has told nobody."""
    context.console.say("Timer and functions")
    context.aws.functions.drop_timer(context.names.timer)
    for name in context.names.functions:
        context.aws.functions.delete(name)
    deployed_path(context).unlink(missing_ok=True)


def stop_tasks(context: StepContext) -> None:
    """They back up and leave; a network with tasks in it cannot be deleted. One may still be starting meanwhile."""
    cluster, stopped = context.names.stack, set[str]()
    for _ in range(TRIES):
        running = context.aws.tasks.running(cluster)
        if not running:
            return
        for task in running:
            if task.arn not in stopped:
                context.console.say(f"Task {task.started_by or task.arn}")
                context.aws.tasks.stop(cluster, task.arn)
                stopped.add(task.arn)
        context.sleep(PAUSE)
    raise DriverError("Tasks do not end. Look at them in the console of ECS, then run the same again.")


def drop_what_runs(context: StepContext, there: Inventory) -> None:
    if context.names.stack not in there.stacks:
        return
    context.console.say(f"Stack {context.names.stack}")
    for bucket in there.buckets:
        if bucket.startswith(context.names.buckets[1]):
            context.aws.buckets.empty(bucket)
    drop_stack(context, context.names.stack)


def drop_data(context: StepContext, there: Inventory) -> None:
    """By name, because it outlives its stack; which goes last, so that whoever is interrupted can go on."""
    context.console.say("Data")
    for bucket in there.buckets:
        context.aws.buckets.delete(bucket)
    for pool in there.pools:
        context.aws.users.drop_pool(pool)
    for table in there.tables:
        context.aws.tables.delete(table)
    for secret in there.secrets:
        context.aws.secrets.delete(secret)
    drop_stack(context, context.names.base)
    await_tables(context)


def await_tables(context: StepContext) -> None:
    """Until they are gone no table of the same name can be made: the next deploy would fail."""
    for _ in range(TABLE_TRIES):
        if not context.aws.tables.existing(context.names.tables):
            return
        context.sleep(PAUSE)
    raise DriverError(
        "Tables are not gone after ten minutes. Look at them in DynamoDB's console, then run the same again."
    )


def report_left(context: StepContext) -> None:
    """Only what was looked for and not found is called gone."""
    left = list(take_inventory(context).lines())
    context.console.say()
    if not left:
        context.console.say("Nothing is left.")
        return
    if context.config.delete_data:
        raise DriverError("\n  ".join(["This is still there; run the same again:", *left]))
    context.console.say("Kept, for the next `make deploy`; together a cent or two a month:")
    for line in left:
        context.console.say(f"  {line}")
    context.console.say("`python -m infra destroy --delete-data` forgets it all.")
