"""The first user's invitation: Cognito's mail with the first password, and the page's address."""

from __future__ import annotations

from infra.context import StepContext
from infra.plan import PutStack
from infra.steps.stack import put_stack


def invite(context: StepContext, email: str) -> None:
    """Where the page is, nobody knew when the place of the users was made: it is told to that stack first."""
    outputs, base = context.outputs(), context.aws.stacks.find(context.names.base)
    parameters = {**(base.parameters if base else {}), "Address": outputs["Address"]}
    put_stack(context, PutStack(context.names.base, "base.yaml", parameters))
    context.aws.users.invite(outputs["UserPoolId"], email)
    context.detail(f"the first password is on its way to {email}")
