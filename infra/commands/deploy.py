"""`deploy`: look, ask, show what it will cost, do the steps."""

from __future__ import annotations

import sys
from dataclasses import replace

from chalicelib.domain.cost import DAILY, IDLE, month, total
from chalicelib.domain.models import PROVIDERS
from infra.context import Work
from infra.errors import DriverError
from infra.executor import execute
from infra.plan import Facts, plan_deploy
from infra.preflight import problems
from infra.survey import facts, ground

HERE = (sys.version_info.major, sys.version_info.minor)


def deploy(work: Work, python: tuple[int, int] = HERE) -> None:
    caller = work.aws.identity.whoami()
    work.voice.say(f"Account {caller.account}, region {work.aws.region}, stage {work.names.stage}")
    known = facts(work)
    check_ground(work, known, python)
    wanted = ask_owner(work, ask_keys(work, known))
    steps = plan_deploy(wanted)
    show_cost(work)
    if not work.settings.yes and not work.voice.confirm(f"{len(steps)} steps. Go?"):
        raise DriverError("Nothing was done.")
    work.aws.identity.prepare_tasks()
    execute(work, steps)
    farewell(work)


def check_ground(work: Work, known: Facts, python: tuple[int, int]) -> None:
    found = problems(ground(work, known, python))
    for problem in found:
        work.voice.say(str(problem))
    if any(problem.fatal for problem in found):
        raise DriverError("Nothing was done. Mend what is marked with ✗ and run the same again.")


def ask_keys(work: Work, known: Facts) -> Facts:
    """At least one model must be able to answer; the bot is asked for once."""
    secrets = set(known.secrets)
    if not known.providers:
        secrets.add(_ask_key(work))
    if known.stack is None and not work.settings.yes and "telegram-bot-token" not in secrets:
        token = work.voice.ask_secret("Telegram bot token (not shown; Enter for none):", "give --yes")
        if token:
            work.aws.secrets.put("telegram-bot-token", token)
            secrets.add("telegram-bot-token")
    return replace(known, secrets=frozenset(secrets))


def _ask_key(work: Work) -> str:
    possible = ", ".join(PROVIDERS)
    later = "store a key first: python -m infra secrets set anthropic-api-key"
    provider = work.voice.ask(f"Whose models shall answer? ({possible})", later) or next(iter(PROVIDERS))
    if provider not in PROVIDERS:
        raise DriverError(f"{provider!r} is none of {possible}.")
    key = work.voice.ask_secret(f"{provider}'s API key (not shown):", later)
    if not key or any(letter.isspace() for letter in key):
        raise DriverError("That is no key. Nothing was done.")
    work.aws.secrets.put(f"{provider}-api-key", key)
    return f"{provider}-api-key"


def ask_owner(work: Work, known: Facts) -> Facts:
    if known.email or known.users:
        return known
    email = work.voice.ask("Your e-mail address, to sign in with:", "give --email")
    if "@" not in email:
        raise DriverError(f"{email!r} is no e-mail address. Nothing was done.")
    return replace(known, email=email)


def show_cost(work: Work) -> None:
    """Before anything is made."""
    idle, daily = total(month(IDLE)), total(month(DAILY))
    work.voice.say(f"A month costs about ${idle:.2f} when nobody speaks, ${daily:.2f} at two hours a day;")
    work.voice.say("the model's provider bills by itself. `python -m infra cost` shows each item.")


def farewell(work: Work) -> None:
    outputs = work.outputs()
    work.voice.say()
    work.voice.say(f"Your agent: {outputs['Address']}")
    work.voice.say("A later change of the app alone: .venv/bin/chalice deploy --stage " + work.names.stage)
