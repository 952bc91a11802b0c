"""A stack, made or changed or taken away, with its events as they happen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from infra.adapters.stacks import Stack, StackEvent
from infra.context import StepContext
from infra.errors import StackFailed
from infra.plan import PutStack

PAUSE = 3.0  # seconds between looks
TIMEOUT = timedelta(minutes=60)  # CloudFront may take fifteen minutes
FOLDER = Path(__file__).parents[1]  # where the templates are
QUIET = ("_IN_PROGRESS",)  # the beginnings are not shown, only what came of them


def put_stack(context: StepContext, step: PutStack) -> None:
    """Whatever state the last run left it in."""
    stacks, template = context.aws.stacks, (FOLDER / step.template).read_text()
    stack = settle(context, step.name)
    if stack and stack.stillborn:
        context.detail("its first creation had failed: it is deleted first")
        drop_stack(context, step.name)
        stack = None
    seen = {each.id for each in stacks.events(step.name)} if stack else set()
    if stack is None:
        stacks.create(step.name, template, step.parameters)
    elif not stacks.update(step.name, template, step.parameters):
        context.detail("nothing to change")
        return
    done = settle(context, step.name, seen)
    if done is None or not done.good:
        raise StackFailed(_explain(step.name, done, [each for each in stacks.events(step.name) if each.id not in seen]))


def drop_stack(context: StepContext, name: str) -> None:
    if context.aws.stacks.find(name) is None:
        return
    seen = {each.id for each in context.aws.stacks.events(name)}
    context.aws.stacks.delete(name)
    left = settle(context, name, seen)
    if left is not None:
        happened = [each for each in context.aws.stacks.events(name) if each.id not in seen]
        raise StackFailed(_explain(name, left, happened))


def settle(context: StepContext, name: str, seen: set[str] | None = None) -> Stack | None:
    """Waits until nothing happens to it, and shows what does. None when there is no such stack."""
    stacks, deadline = context.aws.stacks, context.clock() + TIMEOUT
    shown = set(seen or ())
    while True:
        stack = stacks.find(name)
        if seen is not None or (stack and stack.busy):
            for event in stacks.events(name):
                if event.id not in shown:
                    _show(context, event)
                shown.add(event.id)
        if stack is None or not stack.busy:
            return stack
        if context.clock() > deadline:
            raise StackFailed(f"{name} is still {stack.status} after an hour: look at it in CloudFormation's console.")
        context.sleep(PAUSE)


def _show(context: StepContext, event: StackEvent) -> None:
    if event.status.endswith(QUIET) and not event.reason:
        return
    reason = f": {event.reason}" if event.reason and event.failed else ""
    if not event.status.endswith(QUIET):
        context.detail(f"{event.time:%H:%M:%S} {event.status.lower().replace('_', ' '):18} {event.resource}{reason}")


def _explain(name: str, stack: Stack | None, events: list[StackEvent]) -> str:
    failed = [f"{each.resource}: {each.reason}" for each in events if each.failed and "cancelled" not in each.reason]
    state = stack.status if stack else "gone"
    return f"{name} is {state}. " + ("\n  ".join(failed[:3]) or "CloudFormation gives no reason.")
