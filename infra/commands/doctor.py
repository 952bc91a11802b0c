"""`doctor`: what is wrong, and what to do; `status`: what there is; `logs`: what the programs said."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.domain.notes import FOR_THE_OWNER, describe, read_note
from infra.context import StepContext
from infra.errors import DriverError
from infra.names import APP
from infra.preflight import Problem, problems
from infra.steps.app import API_STAGE
from infra.steps.digest import DIGEST
from infra.steps.stack import why
from infra.survey import facts, preconditions

REPLACED = "Find out who could do that. When it is deleted from the repository, `make deploy` builds it anew."


def doctor(context: StepContext, python: tuple[int, int]) -> None:
    known = facts(context)
    found = [*problems(preconditions(context, known, python)), *missing(context)]
    for problem in found:
        context.console.say(str(problem))
    if any(problem.fatal for problem in found):
        raise DriverError("Something is wrong.")
    context.console.say("Nothing is wrong." if not found else "Nothing is wrong that keeps it from working.")


def missing(context: StepContext) -> list[Problem]:
    """What a deployment has, in the order in which it is made; the first thing that is not there explains the rest."""
    again = "Run `make deploy`: it goes on from there."
    for name in (context.names.base, context.names.stack):
        stack = context.aws.stacks.find(name)
        if stack is None:
            return [Problem(f"There is no stack {name}.", again)]
        if not stack.usable:
            return [Problem(f"The stack {name} is {stack.status}.", again)]
    return [
        *_taken_back(context),
        *_image(context, again),
        *_app(context, again),
        *_keys(context),
        *_notes(context),
        *_alarms(context),
        *_orphans(context),
    ]


def _taken_back(context: StepContext) -> list[Problem]:
    """A deploy that wants the same has nothing to change: it cannot make such a stack look better."""
    return [
        Problem(
            f"The last change of the stack {name} was refused and taken back. {why(context, name, stack)}",
            "It works as before that change. When the reason is mended, `make deploy` makes it again.",
            fatal=False,
        )
        for name in (context.names.base, context.names.stack)
        if (stack := context.aws.stacks.find(name)) and not stack.good
    ]


def _image(context: StepContext, again: str) -> list[Problem]:
    stack = context.aws.stacks.find(context.names.stack)
    parameters = stack.parameters if stack else {}
    tag = parameters.get("ImageTag", "")
    found = context.aws.registry.digest(context.names.images, tag)
    used = parameters.get(DIGEST, found)
    if not found:
        return [Problem(f"The image {tag} that tasks should run is not there.", again)]
    if used != found:
        return [
            Problem(f"The image {tag} was replaced in the registry: it is {found}, and tasks run {used}.", REPLACED)
        ]
    return []


def _app(context: StepContext, again: str) -> list[Problem]:
    found = [
        Problem(f"The function {name} is not there.", again)
        for name in context.names.functions
        if not context.aws.functions.exists(name)
    ]
    if not context.aws.apis.published(context.outputs()["SocketApiId"], API_STAGE):
        found.append(Problem("The socket's routes are not published.", again))
    return found


def _keys(context: StepContext) -> list[Problem]:
    if any(name.endswith("-api-key") for name in context.aws.secrets.names()):
        return []
    return [Problem("No model has a key.", "python -m infra secrets set anthropic-api-key, then make deploy")]


def _notes(context: StepContext) -> list[Problem]:
    """What the agents' last starts met that another start would meet again, as the page tells it."""
    notes = context.aws.tables.values(f"{context.names.table_prefix}TaskState", "note")
    return [
        Problem(
            f"The agent of {user_id}: {describe(note)['note']}",
            "Once the reason is mended, the next message starts it; the page offers an older backup where one helps.",
            fatal=False,
        )
        for user_id, note in sorted(notes.items())
        if read_note(note)[0] in FOR_THE_OWNER
    ]


def _alarms(context: StepContext) -> list[Problem]:
    stack = context.aws.stacks.find(context.names.alarms)
    if stack and stack.good:
        return []
    return [
        Problem(
            f"The stack {context.names.alarms} is {stack.status if stack else 'not there'}: no alarm, no budget.",
            "The agent works without. `make deploy` tries it again, and says why it fails.",
            fatal=False,
        )
    ]


def _orphans(context: StepContext) -> list[Problem]:
    outputs = context.outputs()
    owned = {outputs["RestApiId"], outputs["SocketApiId"]}
    found = context.aws.apis.orphans(APP, f"{context.names.stack}-websocket-api", owned)
    others = {api_id for api_id, kind in found.items() if kind == "WebSocket"}
    return [
        Problem(
            f"The {found[api_id]} API {api_id} has our name, but no stack owns it.",
            "It costs nothing; delete it in API Gateway's console.",
            fatal=False,
        )
        for api_id in sorted(others)
    ]


def status(context: StepContext) -> None:
    for name in (context.names.base, context.names.stack, context.names.alarms):
        stack = context.aws.stacks.find(name)
        context.console.say(f"{name:34} {stack.status if stack else 'not there'}")
    outputs = context.outputs()
    if address := outputs.get("Address"):
        context.console.say(f"{'page':34} {address}")
    for image in context.aws.registry.images(context.names.images):
        context.console.say(f"{'image':34} {image.tag}, {image.size / 1e6:.0f} MB, {image.pushed_at:%Y-%m-%d %H:%M}")
    running = context.aws.tasks.running(context.names.stack)
    for task in running:
        context.console.say(f"{'task':34} {task.started_by}, {task.status}")
    context.console.say(f"{'tasks':34} {len(running)}")


def logs(context: StepContext) -> None:
    since = context.clock() - timedelta(minutes=context.config.minutes)
    lines = sorted(line for group in context.names.logs for line in context.aws.logs.since(group, since))
    for moment, group, line in lines:
        context.console.say(
            f"{moment:%H:%M:%S} {group.rpartition('/')[2].removeprefix(context.names.stack) or '-api'} {line}"
        )
    if not lines:
        context.console.say(f"Nothing was said in the last {context.config.minutes} minutes.")
