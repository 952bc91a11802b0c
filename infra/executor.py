"""Does the steps of a plan, says what it does, how long it took, and how to go on when one fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from infra.context import StepContext
from infra.plan import (
    BeginStack,
    BuildImage,
    DeployApp,
    InviteUser,
    PublishSocket,
    PutAlarms,
    PutStack,
    ReplaceImage,
    SetWebhook,
    Step,
    UploadPage,
    Verify,
)
from infra.steps.app import deploy_app, publish_socket
from infra.steps.canary import replace_image
from infra.steps.digest import with_digest
from infra.steps.image import build_image
from infra.steps.invitation import invite
from infra.steps.page import upload_page
from infra.steps.stack import begin_stack, put_alarms, put_stack
from infra.steps.verify import verify
from infra.steps.webhook import set_webhook


def execute(context: StepContext, steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps, start=1):
        context.console.say(f"[{number}/{len(steps)}] {step.title}")
        started = context.clock()
        perform(context, step)
        context.detail(f"done in {(context.clock() - started).total_seconds():.0f} s")


def perform(context: StepContext, step: Step) -> None:  # noqa: C901  one line for each kind of step
    match step:
        case PutStack():
            put_stack(context, with_digest(context, step))
        case BeginStack():
            begin_stack(context, step.stack)
        case PutAlarms():
            put_alarms(context, step)
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
            invite(context, email)
        case ReplaceImage():
            replace_image(context, step)
        case Verify():
            verify(context)
        case _:
            assert_never(step)
