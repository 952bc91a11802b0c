"""A stack, made or changed or taken away, with its events as they happen."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from itertools import takewhile
from pathlib import Path

from infra.adapters.stacks import Stack, StackEvent, newest_operation
from infra.context import StepContext
from infra.errors import AwsError, StackFailed
from infra.holds import explain_hold
from infra.plan import PutAlarms, PutStack

PAUSE = 3.0  # seconds between looks
TIMEOUT = timedelta(minutes=60)  # CloudFront may take fifteen minutes
FOLDER = Path(__file__).parents[1]  # where the templates are
PARAMETER = re.compile(r"  (\w+):")
BEGUN = "_IN_PROGRESS"


def begin_stack(context: StepContext, step: PutStack) -> None:
    """Nobody waits for it here: `put_stack` does."""
    context.detail(
        "It goes on being made, whatever becomes of the image; it costs nothing, and `make destroy` takes it away."
    )
    if context.aws.stacks.find(step.name) is None:
        context.aws.stacks.create(step.name, *read_template(step))


def put_stack(context: StepContext, step: PutStack) -> None:
    """Whatever state the last run left it in."""
    stacks = context.aws.stacks
    template, parameters = read_template(step)
    stack = settle(context, step.name)
    if stack and stack.stillborn and step.begun:
        raise StackFailed(f"{step.name} is {stack.status}. {why(context, step.name, stack)}")
    if stack and stack.stillborn:
        context.detail(f"its first creation had failed, so that it is deleted first. {why(context, step.name, stack)}")
        drop_stack(context, step.name)
        stack = None
    if stack and stack.stuck:
        context.detail(f"its last update is still to be taken back. {why(context, step.name, stack)}")
        stacks.go_back(step.name)
        stack = settle(context, step.name, set())
    seen = {each.id for each in stacks.events(step.name)} if stack else set()
    if stack is None:
        stacks.create(step.name, template, parameters)
    elif not stacks.update(step.name, template, parameters):
        context.detail("nothing to change")
        return
    done = settle(context, step.name, seen)
    if done is None or not done.good:
        raise StackFailed(f"{step.name} is {done.status if done else 'gone'}. {why(context, step.name, done, seen)}")


def read_template(step: PutStack) -> tuple[str, dict[str, str]]:
    """With those of the parameters that it has."""
    template = (FOLDER / step.template).read_text()
    return template, {name: value for name, value in step.parameters.items() if name in declared(template)}


def declared(template: str) -> set[str]:
    """Its parameters. CloudFormation refuses one that only an older release knew."""
    section = template.partition("\nParameters:\n")[2]
    lines = takewhile(lambda line: not line or line.startswith((" ", "#")), section.splitlines())
    return {found[1] for line in lines if (found := PARAMETER.match(line))}


def put_alarms(context: StepContext, step: PutAlarms) -> None:
    try:
        put_stack(context, step.stack)
    except (AwsError, StackFailed) as error:
        context.detail(f"! {error}")
        context.detail("The agent works without. Nobody hears of failures and costs until the next deploy makes it.")


def drop_stack(context: StepContext, name: str) -> None:
    stack = context.aws.stacks.find(name)
    if stack and stack.busy and stack.status != "CREATE_IN_PROGRESS":  # AWS deletes none that it is changing
        stack = settle(context, name)
    if stack is None:
        return
    seen = {each.id for each in context.aws.stacks.events(name)}
    context.aws.stacks.delete(name)
    left = settle(context, name, seen)
    if left is not None:
        raise StackFailed(f"{name} is {left.status}. {why(context, name, left, seen)}")


def settle(context: StepContext, name: str, seen: Collection[str] | None = None) -> Stack | None:
    """Waits until nothing happens to it, and shows what does. None when there is no such stack."""
    stacks, deadline = context.aws.stacks, context.clock() + TIMEOUT
    known = set(seen or ())
    while True:
        stack = stacks.find(name)
        if seen is not None or (stack and stack.busy):
            new = stacks.events(name, known)
            for event in new if known else newest_operation(new):
                _show(context, event)
            known |= {each.id for each in new}
        if stack is None or not stack.busy:
            return stack
        if context.clock() > deadline:
            raise StackFailed(f"{name} is still {stack.status} after an hour: look at it in CloudFormation's console.")
        context.sleep(PAUSE)


def _show(context: StepContext, event: StackEvent) -> None:
    """The beginnings are not shown, only what came of them."""
    if event.status.endswith(BEGUN):
        return
    reason = f": {event.reason}" if event.reason and event.failed else ""
    context.detail(f"{event.time:%H:%M:%S} {event.status.lower().replace('_', ' '):18} {event.resource}{reason}")


def why(context: StepContext, name: str, stack: Stack | None, seen: Collection[str] = ()) -> str:
    """What failed first, however much has happened since: the way back makes more events than the way there."""
    happened = newest_operation(context.aws.stacks.events(name, seen))
    failed = [f"{each.resource}: {each.reason}" for each in happened if each.failed and each.reason]
    told = "\n  ".join(failed[:3]) or (stack and stack.reason) or "CloudFormation gives no reason."
    hold = explain_hold(told)
    return f"{told}\n{hold}" if hold else told
