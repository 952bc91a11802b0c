"""`doctor`: what is wrong, and what to do; `status`: what there is; `logs`: what the programs said."""

from __future__ import annotations

from datetime import timedelta

from infra.context import Work
from infra.errors import DriverError
from infra.names import APP
from infra.preflight import Problem, problems
from infra.steps.app import STAGE
from infra.survey import facts, ground


def doctor(work: Work, python: tuple[int, int]) -> None:
    known = facts(work)
    found = [*problems(ground(work, known, python)), *missing(work)]
    for problem in found:
        work.voice.say(str(problem))
    if any(problem.fatal for problem in found):
        raise DriverError("Something is wrong.")
    work.voice.say("Nothing is wrong." if not found else "Nothing is wrong that keeps it from working.")


def missing(work: Work) -> list[Problem]:
    """What a deployment has, in the order in which it is made; the first thing that is not there explains the rest."""
    again = "Run `make deploy`: it goes on from there."
    for name in (work.names.base, work.names.stack):
        stack = work.aws.stacks.find(name)
        if stack is None:
            return [Problem(f"There is no stack {name}.", again)]
        if not stack.good:
            return [Problem(f"The stack {name} is {stack.status}.", again)]
    return [*_image(work, again), *_app(work, again), *_keys(work), *_orphans(work)]


def _image(work: Work, again: str) -> list[Problem]:
    stack = work.aws.stacks.find(work.names.stack)
    tag = stack.parameters.get("ImageTag", "") if stack else ""
    if work.aws.registry.has(work.names.images, tag):
        return []
    return [Problem(f"The image {tag} that tasks should run is not there.", again)]


def _app(work: Work, again: str) -> list[Problem]:
    found = [
        Problem(f"The function {name} is not there.", again)
        for name in work.names.functions
        if not work.aws.functions.exists(name)
    ]
    if not work.aws.apis.published(work.outputs()["SocketApiId"], STAGE):
        found.append(Problem("The socket's routes are not published.", again))
    return found


def _keys(work: Work) -> list[Problem]:
    if any(name.endswith("-api-key") for name in work.aws.secrets.names()):
        return []
    return [Problem("No model has a key.", "python -m infra secrets set anthropic-api-key, then make deploy")]


def _orphans(work: Work) -> list[Problem]:
    outputs = work.outputs()
    owned = {outputs["RestApiId"], outputs["SocketApiId"]}
    found = work.aws.apis.orphans(APP, f"{work.names.stack}-websocket-api", owned)
    others = {api_id for api_id, kind in found.items() if kind == "WebSocket"}
    return [
        Problem(
            f"The {found[api_id]} API {api_id} has our name, but no stack owns it.",
            "It costs nothing; delete it in API Gateway's console.",
            fatal=False,
        )
        for api_id in sorted(others)
    ]


def status(work: Work) -> None:
    for name in (work.names.base, work.names.stack):
        stack = work.aws.stacks.find(name)
        work.voice.say(f"{name:34} {stack.status if stack else 'not there'}")
    outputs = work.outputs()
    if address := outputs.get("Address"):
        work.voice.say(f"{'page':34} {address}")
    for image in work.aws.registry.images(work.names.images):
        work.voice.say(f"{'image':34} {image.tag}, {image.size / 1e6:.0f} MB, {image.pushed_at:%Y-%m-%d %H:%M}")
    running = work.aws.tasks.running(work.names.stack)
    for task in running:
        work.voice.say(f"{'task':34} {task.started_by}, {task.status}")
    work.voice.say(f"{'tasks':34} {len(running)}")


def logs(work: Work) -> None:
    since = work.clock() - timedelta(minutes=work.settings.minutes)
    lines = sorted(line for group in work.names.logs for line in work.aws.logs.since(group, since))
    for moment, group, line in lines:
        work.voice.say(f"{moment:%H:%M:%S} {group.rpartition('/')[2].removeprefix(work.names.stack) or '-api'} {line}")
    if not lines:
        work.voice.say(f"Nothing was said in the last {work.settings.minutes} minutes.")
