"""Does the steps of a plan, says what it does, how long it took, and how to go on when one fails."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import assert_never

from infra.context import Work
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


def execute(work: Work, steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps, start=1):
        work.voice.say(f"[{number}/{len(steps)}] {step.title}")
        started = work.clock()
        perform(work, step)
        work.detail(f"done in {(work.clock() - started).total_seconds():.0f} s")


def perform(work: Work, step: Step) -> None:  # noqa: C901  one line for each kind of step
    match step:
        case PutStack():
            put_stack(work, step)
        case BuildImage():
            build_image(work, step)
        case DeployApp():
            deploy_app(work)
        case PublishSocket():
            publish_socket(work)
        case UploadPage():
            upload_page(work)
        case SetWebhook():
            set_webhook(work)
        case InviteUser(email):
            work.aws.users.invite(work.outputs()["UserPoolId"], email)
            work.detail(f"the first password is on its way to {email}")
        case Verify():
            verify(work)
        case _:
            assert_never(step)


def upload_page(work: Work) -> None:
    """Hashed files that are there are the same: they are not sent again."""
    outputs, buckets = work.outputs(), work.aws.buckets
    bucket = outputs["PageBucket"]
    for upload in page.uploads(work.page, work.names, work.aws.region, outputs):
        if upload.caching == page.FOREVER and buckets.has(bucket, upload.key):
            continue
        buckets.put(bucket, upload)
    work.aws.pages.refresh(outputs["Distribution"], page.STALE, f"{work.clock():%Y%m%d%H%M%S%f}")


def set_webhook(work: Work) -> None:
    """The secret that Telegram shows us stays the same, so that messages that are under way are let in."""
    kept, api = work.aws.secrets, work.outputs()["RestApiId"]
    token, secret = kept.get(TOKEN), kept.get(SECRET)
    if token is None:
        return
    if secret is None:
        secret = secrets.token_urlsafe(32)
        kept.put(SECRET, secret)
    address = f"https://{api}.execute-api.{work.aws.region}.amazonaws.com/api/telegram"
    work.telegram.listen(token, address, secret)
    work.detail(f"@{work.telegram.name(token)} listens")
