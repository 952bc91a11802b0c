"""What AWS holds back from new accounts, and no quota shows: how it sounds, and the support case that ends it."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Hold:
    sounds: re.Pattern[str]
    what: str
    case: str  # the text of the support case
    meanwhile: str


HOLDS = (
    Hold(
        re.compile(r"more than 0 (?:\w+ )?builds", re.IGNORECASE),
        "CodeBuild does not build for this account yet: a hold on new accounts, which Service Quotas does not show.",
        "CodeBuild answers StartBuild with AccountLimitExceededException, 'Cannot have more than 0 builds in queue for "
        "the account'. Please raise the concurrently running builds of Linux ARM small in {region} to 1.",
        "Meanwhile: BUILDER=docker make deploy, with Docker here, quickest on a machine with ARM; or a public registry "
        "that has the image of this release: IMAGE_FROM=host/path make deploy.",
    ),
    Hold(
        re.compile(r"account must be verified", re.IGNORECASE),
        "CloudFront makes no distribution for this account yet: a hold on new accounts, which no quota shows.",
        "CloudFront answers CreateDistribution with AccessDenied, 'Your account must be verified before you can add "
        "new CloudFront resources'. Please verify this account for CloudFront; I serve one small web page by it.",
        "Meanwhile nothing bills, and `make run` gives the same product on this machine.",
    ),
)


def explain_hold(error: str, region: str = "my region") -> str:
    """Empty when the error is no hold."""
    for hold in HOLDS:
        if hold.sounds.search(error):
            case = hold.case.format(region=region)
            return (
                f"{hold.what}\nOpen a case, free of charge, at https://console.aws.amazon.com/support/home#/case/create\n"
                f"(Account and billing), which takes hours to two days:\n    {case}\n"
                f"Then run the same again: it goes on from there. {hold.meanwhile}"
            )
    return ""
