"""`deploy`: look, ask, show what it will cost, do the steps."""

from __future__ import annotations

import sys
from dataclasses import replace

from chalicelib.domain.cost import DAILY, IDLE, month, total
from chalicelib.domain.models import PROVIDERS
from infra.adapters.public_registry import PublicRegistry
from infra.context import StepContext
from infra.errors import DriverError
from infra.executor import execute
from infra.keys import TryKey, ask_key, try_key
from infra.plan import Facts, plan_deploy
from infra.preflight import problems
from infra.steps.canary import note_use
from infra.steps.copy import find_image
from infra.steps.prune import prune_images
from infra.steps.trial import end_trial, try_cloudfront
from infra.survey import facts, preconditions

HERE = (sys.version_info.major, sys.version_info.minor)


def deploy(context: StepContext, python: tuple[int, int] = HERE, tried: TryKey = try_key) -> None:
    caller = context.aws.iam.whoami()
    context.console.say(f"Account {caller.account}, region {context.aws.region}, stage {context.names.stage}")
    known = facts(context)
    check_preconditions(context, known, python)
    if known.builder == "copy" and not known.image_there:
        find_image(PublicRegistry(context.config.image_from), known.tag)
    given: dict[str, str] = {}
    wanted = ask_owner(context, ask_keys(context, known, given, tried))
    steps = plan_deploy(wanted)
    show_refusal(context, wanted)
    show_cost(context)
    if not context.config.yes and not context.console.confirm(f"{len(steps)} steps. Go?"):
        raise DriverError("Nothing was done.")
    if known.stack is None or known.stack.stillborn:
        try_cloudfront(context)
    for name, value in given.items():
        context.aws.secrets.put(name, value)
    context.aws.iam.prepare_tasks()
    execute(context, steps)
    note_image(context)
    prune_images(context)
    end_trial(context)
    show_address(context, wanted.email)


def check_preconditions(context: StepContext, known: Facts, python: tuple[int, int]) -> None:
    found = problems(preconditions(context, known, python))
    for problem in found:
        context.console.say(str(problem))
    if any(problem.fatal for problem in found):
        raise DriverError("Nothing was done. Mend what is marked with ✗ and run the same again.")


def ask_keys(context: StepContext, known: Facts, given: dict[str, str], tried: TryKey) -> Facts:
    """At least one model must be able to answer; the bot is asked for once. `given` gets the secrets, by name."""
    if not known.providers:
        name, key = _ask_key(context, tried)
        given[name] = key
    if known.stack is None and not context.config.yes and "telegram-bot-token" not in known.secrets:
        token = context.console.ask_secret("Telegram bot token (not shown; Enter for none):", "give --yes")
        if token:
            given["telegram-bot-token"] = token
    return replace(known, secrets=known.secrets | frozenset(given))


def _ask_key(context: StepContext, tried: TryKey) -> tuple[str, str]:
    possible = ", ".join(PROVIDERS)
    later = "store a key first: python -m infra secrets set anthropic-api-key"
    provider = context.console.ask(f"Whose models shall answer? ({possible})", later) or next(iter(PROVIDERS))
    if provider not in PROVIDERS:
        raise DriverError(f"{provider!r} is none of {possible}.")
    return f"{provider}-api-key", ask_key(context.console, provider, later, tried)


def ask_owner(context: StepContext, known: Facts) -> Facts:
    if known.email or known.users:
        return known
    email = context.console.ask("Your e-mail address, to sign in with:", "give --email")
    if "@" not in email:
        raise DriverError(f"{email!r} is no e-mail address. Nothing was done.")
    return replace(known, email=email)


def show_refusal(context: StepContext, known: Facts) -> None:
    if known.refusal:
        context.console.say(f"! This checkout's image {known.tag} stays out: {known.refusal}")
        context.console.say(f"  Tasks keep {known.in_use}. To try it again: make upgrade")


def note_image(context: StepContext) -> None:
    stack = context.aws.stacks.find(context.names.stack)
    if stack:
        note_use(context, stack.parameters["ImageTag"])


def show_cost(context: StepContext) -> None:
    """Before anything is made."""
    idle, daily = total(month(IDLE)), total(month(DAILY))
    context.console.say(f"A month costs about ${idle:.2f} when nobody speaks, ${daily:.2f} at two hours a day;")
    context.console.say("the model's provider bills by itself. `python -m infra cost` shows each item.")


def show_address(context: StepContext, email: str) -> None:
    outputs = context.outputs()
    context.console.say()
    context.console.say(f"Your agent: {outputs['Address']}")
    if email:
        context.console.say(
            f"Two mails go to {email} when it is new: the first password, from Cognito; and one from AWS"
        )
        context.console.say("Notifications, to confirm: else no alarm and no warning of the budget reaches you.")
    context.console.say("A later change of the app alone: .venv/bin/chalice deploy --stage " + context.names.stage)
