"""Does the steps of a plan, says what it does, how long it took, and how to go on when one fails."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import assert_never

from infra.context import StepContext
from infra.plan import (
    BuildImage,
    DeployApp,
    InviteUser,
    PublishSocket,
    PutStack,
    SetWebhook,
    Step,
    UploadPage,
    Verify,
)
from infra.steps import page
from infra.steps.app import deploy_app, publish_socket
from infra.steps.image import build_image
from infra.steps.stack import put_stack
from infra.steps.verify import verify

TOKEN, SECRET = "telegram-bot-token", "telegram-webhook-secret"


def execute(context: StepContext, steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps, start=1):
        context.console.say(f"[{number}/{len(steps)}] {step.title}")
        started = context.clock()
        perform(context, step)
        context.detail(f"done in {(context.clock() - started).total_seconds():.0f} s")


def perform(context: StepContext, step: Step) -> None:  # noqa: C901  one line for each kind of step
    match step:
        case PutStack():
            put_stack(context, step)
        case BuildImage():
            build_image(context, step)
        case DeployApp():
            deploy_app(context)
        case PublishSocket():
            publish_socket(context)
        case UploadPage():
            upload_page(context)
        case SetWebhook():
            set_webhook(context)
        case InviteUser(email):
            context.aws.users.invite(context.outputs()["UserPoolId"], email)
            context.detail(f"the first password is on its way to {email}")
        case Verify():
            verify(context)
        case _:
            assert_never(step)


def upload_page(context: StepContext) -> None:
    """Hashed files that are there are the same: they are not sent again."""
    outputs, buckets = context.outputs(), context.aws.buckets
    bucket = outputs["PageBucket"]
    for upload in page.uploads(context.page, context.names, context.aws.region, outputs):
        if upload.caching == page.FOREVER and buckets.has(bucket, upload.key):
            continue
        buckets.put(bucket, upload)
    context.aws.pages.refresh(outputs["Distribution"], page.STALE, f"{context.clock():%Y%m%d%H%M%S%f}")


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
    context.telegram.listen(token, address, secret)
    context.detail(f"@{context.telegram.name(token)} listens")
