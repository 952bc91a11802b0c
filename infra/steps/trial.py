"""CloudFront, tried before anything is made: its hold on new accounts would else be met after a quarter of an hour."""

from __future__ import annotations

from infra.context import StepContext
from infra.errors import AwsError, DriverError
from infra.holds import explain_hold


def try_cloudfront(context: StepContext) -> None:
    """Only a hold ends the deploy: whatever else is wrong, the page's own stack finds out and tells."""
    try:
        context.aws.distributions.try_out(context.names.trial(context.aws.region))
    except AwsError as error:
        if hold := explain_hold(str(error)):
            raise DriverError(f"Nothing was made. {hold}") from error


def end_trial(context: StepContext) -> None:
    """What cannot be deleted yet waits for the next deploy, or destroy: it is switched off, and costs nothing."""
    try:
        context.aws.distributions.drop_trial(context.names.trial(context.aws.region))
    except AwsError as error:
        context.detail(str(error))
