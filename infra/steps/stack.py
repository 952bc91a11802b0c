"""A stack, made or changed or taken away, with its events as they happen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from infra.adapters.stacks import Happening, Stack
from infra.context import Work
from infra.errors import StackFailed
from infra.plan import PutStack

LOOK = 3.0  # seconds between looks
PATIENCE = timedelta(minutes=60)  # CloudFront may take fifteen minutes
FOLDER = Path(__file__).parents[1]  # where the templates are
QUIET = ("_IN_PROGRESS",)  # the beginnings are not shown, only what came of them


def put_stack(work: Work, step: PutStack) -> None:
    """Whatever state the last run left it in."""
    stacks, template = work.aws.stacks, (FOLDER / step.template).read_text()
    stack = settle(work, step.name)
    if stack and stack.stillborn:
        work.detail("its first creation had failed: it is deleted first")
        drop_stack(work, step.name)
        stack = None
    seen = {each.id for each in stacks.events(step.name)} if stack else set()
    if stack is None:
        stacks.create(step.name, template, step.parameters)
    elif not stacks.update(step.name, template, step.parameters):
        work.detail("nothing to change")
        return
    done = settle(work, step.name, seen)
    if done is None or not done.good:
        raise StackFailed(_why(step.name, done, [each for each in stacks.events(step.name) if each.id not in seen]))


def drop_stack(work: Work, name: str) -> None:
    if work.aws.stacks.find(name) is None:
        return
    seen = {each.id for each in work.aws.stacks.events(name)}
    work.aws.stacks.delete(name)
    left = settle(work, name, seen)
    if left is not None:
        happened = [each for each in work.aws.stacks.events(name) if each.id not in seen]
        raise StackFailed(_why(name, left, happened))


def settle(work: Work, name: str, seen: set[str] | None = None) -> Stack | None:
    """Waits until nothing happens to it, and shows what does. None when there is no such stack."""
    stacks, deadline = work.aws.stacks, work.clock() + PATIENCE
    shown = set(seen or ())
    while True:
        stack = stacks.find(name)
        if seen is not None or (stack and stack.busy):
            for event in stacks.events(name):
                if event.id not in shown:
                    _show(work, event)
                shown.add(event.id)
        if stack is None or not stack.busy:
            return stack
        if work.clock() > deadline:
            raise StackFailed(f"{name} is still {stack.status} after an hour: look at it in CloudFormation's console.")
        work.sleep(LOOK)


def _show(work: Work, event: Happening) -> None:
    if event.status.endswith(QUIET) and not event.reason:
        return
    reason = f": {event.reason}" if event.reason and event.failed else ""
    if not event.status.endswith(QUIET):
        work.detail(f"{event.time:%H:%M:%S} {event.status.lower().replace('_', ' '):18} {event.resource}{reason}")


def _why(name: str, stack: Stack | None, events: list[Happening]) -> str:
    failed = [f"{each.resource}: {each.reason}" for each in events if each.failed and "cancelled" not in each.reason]
    state = stack.status if stack else "gone"
    return f"{name} is {state}. " + ("\n  ".join(failed[:3]) or "CloudFormation gives no reason.")
