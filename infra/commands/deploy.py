"""`deploy`: look, ask, show what it will cost, do the steps."""

from __future__ import annotations

import sys
from dataclasses import replace

from chalicelib.domain.cost import DAILY, IDLE, month, total
from chalicelib.domain.models import PROVIDERS
from infra.context import StepContext
from infra.errors import DriverError
from infra.executor import execute
from infra.plan import Facts, plan_deploy
from infra.preflight import problems
from infra.steps.canary import note_use
from infra.steps.prune import prune_images
from infra.survey import facts, preconditions

HERE = (sys.version_info.major, sys.version_info.minor)


def deploy(context: StepContext, python: tuple[int, int] = HERE) -> None:
    caller = context.aws.iam.whoami()
    context.console.say(f"Account {caller.account}, region {context.aws.region}, stage {context.names.stage}")
    known = facts(context)
    check_preconditions(context, known, python)
    wanted = ask_owner(context, ask_keys(context, known))
    steps = plan_deploy(wanted)
    show_refusal(context, wanted)
    show_cost(context)
    if not context.config.yes and not context.console.confirm(f"{len(steps)} steps. Go?"):
        raise DriverError("Nothing was done.")
    context.aws.iam.prepare_tasks()
    execute(context, steps)
    note_image(context)
    prune_images(context)
    show_address(context)


def check_preconditions(context: StepContext, known: Facts, python: tuple[int, int]) -> None:
    found = problems(preconditions(context, known, python))
    for problem in found:
        context.console.say(str(problem))
    if any(problem.fatal for problem in found):
        raise DriverError("Nothing was done. Mend what is marked with ✗ and run the same again.")


def ask_keys(context: StepContext, known: Facts) -> Facts:
    """At least one model must be able to answer; the bot is asked for once."""
    secrets = set(known.secrets)
    if not known.providers:
        secrets.add(_ask_key(context))
    if known.stack is None and not context.config.yes and "telegram-bot-token" not in secrets:
        token = context.console.ask_secret("Telegram bot token (not shown; Enter for none):", "give --yes")
        if token:
            context.aws.secrets.put("telegram-bot-token", token)
            secrets.add("telegram-bot-token")
    return replace(known, secrets=frozenset(secrets))


def _ask_key(context: StepContext) -> str:
    possible = ", ".join(PROVIDERS)
    later = "store a key first: python -m infra secrets set anthropic-api-key"
    provider = context.console.ask(f"Whose models shall answer? ({possible})", later) or next(iter(PROVIDERS))
    if provider not in PROVIDERS:
        raise DriverError(f"{provider!r} is none of {possible}.")
    key = context.console.ask_secret(f"{provider}'s API key (not shown):", later)
    if not key or any(character.isspace() for character in key):
        raise DriverError("That is no key. Nothing was done.")
    context.aws.secrets.put(f"{provider}-api-key", key)
    return f"{provider}-api-key"


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


def show_address(context: StepContext) -> None:
    outputs = context.outputs()
    context.console.say()
    context.console.say(f"Your agent: {outputs['Address']}")
    context.console.say("A later change of the app alone: .venv/bin/chalice deploy --stage " + context.names.stage)
