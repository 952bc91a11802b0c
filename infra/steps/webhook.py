"""Telegram: the bot's messages go to the deployed app."""

from __future__ import annotations

import secrets

from infra.context import StepContext

TOKEN, SECRET = "telegram-bot-token", "telegram-webhook-secret"


def set_webhook(context: StepContext) -> None:
    """The secret that Telegram shows us stays the same, so that messages that are under way are let in."""
    kept, api = context.aws.secrets, context.outputs()["RestApiId"]
    token, secret = kept.get(TOKEN), kept.get(SECRET)
    if token is None:
        return
    if secret is None:
        secret = secrets.token_urlsafe(32)
        kept.put(SECRET, secret)
    address = f"https://{api}.execute-api.{context.aws.region}.amazonaws.com/api/telegram"
    context.telegram.set(token, address, secret)
    context.detail(f"@{context.telegram.name(token)} listens")
