"""Telegram: the bot's messages go to the deployed app."""

from __future__ import annotations

import secrets

from infra.adapters.visitor import Visitor
from infra.context import StepContext

TOKEN, SECRET = "telegram-bot-token", "telegram-webhook-secret"


def set_webhook(context: StepContext) -> None:
    """The secret that Telegram shows us stays the same, so that messages that are under way are let in."""
    kept = context.aws.secrets
    token, secret = kept.get(TOKEN), kept.get(SECRET)
    if token is None:
        return
    if secret is None:
        secret = secrets.token_urlsafe(32)
        kept.put(SECRET, secret)
    context.telegram.set(token, f"{_address(context)}/telegram", secret)
    context.detail(f"@{context.telegram.name(token)} listens")


def try_webhook(context: StepContext) -> None:
    """By the address that Telegram has."""
    kept = context.aws.secrets
    secret = kept.get(SECRET)
    if secret is None or TOKEN not in kept.names():
        return
    address = _address(context)
    context.telegram.try_out(Visitor(address, "", address, "", context.detail, context.sleep), secret)
    context.detail("Telegram's updates are taken, and nobody else's")


def _address(context: StepContext) -> str:
    return f"https://{context.outputs()['RestApiId']}.execute-api.{context.aws.region}.amazonaws.com/api"
