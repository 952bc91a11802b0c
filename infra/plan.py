"""What there is to do, from what there is: no AWS in here, and no clock. `executor.py` does it.

A plan is made anew in every run, from facts and not from notes of the last run; so it does not matter where that
one ended. Each step may be done twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.models import PROVIDERS, default_model
from infra.adapters.stacks import Stack
from infra.names import StageNames


@dataclass(frozen=True)
class PutStack:
    """Create or update; `template` is a file of this folder."""

    name: str
    template: str
    parameters: Mapping[str, str]
    begun: bool = False  # by this run

    @property
    def title(self) -> str:
        return f"Stack {self.name}"


@dataclass(frozen=True)
class BeginStack:
    """What can be made before there is an image, of which it takes some minutes."""

    stack: PutStack

    @property
    def title(self) -> str:
        return f"{self.stack.title}: begun, and made while the image is built"


@dataclass(frozen=True)
class PutAlarms:
    """The agent works without: a failure is a warning."""

    stack: PutStack

    @property
    def title(self) -> str:
        return f"Alarms, budget and dashboard ({self.stack.title[0].lower()}{self.stack.title[1:]})"


@dataclass(frozen=True)
class BuildImage:
    tag: str
    builder: str  # docker, codebuild, or copy

    @property
    def title(self) -> str:
        by = {"docker": "by Docker here", "copy": "copied from a public registry"}.get(self.builder, "by CodeBuild")
        return f"Image {self.tag} ({by})"


@dataclass(frozen=True)
class DeployApp:
    title: str = "Functions and APIs (chalice deploy)"


@dataclass(frozen=True)
class PublishSocket:
    title: str = "Socket API and limits"


@dataclass(frozen=True)
class UploadPage:
    title: str = "Page"


@dataclass(frozen=True)
class SetWebhook:
    title: str = "Telegram"


@dataclass(frozen=True)
class InviteUser:
    email: str

    @property
    def title(self) -> str:
        return f"Invitation for {self.email}"


@dataclass(frozen=True)
class Verify:
    title: str = "Check: wake, answer, sleep, wake, remember"


@dataclass(frozen=True)
class ReplaceImage:
    tag: str
    instead_of: str

    @property
    def title(self) -> str:
        return f"Image {self.tag} instead of {self.instead_of}: tried by a canary, used from the next start"


Change = (
    PutStack | BeginStack | PutAlarms | BuildImage | ReplaceImage | DeployApp | PublishSocket | UploadPage | SetWebhook
)
Step = Change | InviteUser | Verify


@dataclass(frozen=True)
class Facts:
    """What there is, and what is wanted."""

    names: StageNames
    tag: str  # of the image that this checkout makes
    base: Stack | None = None
    stack: Stack | None = None
    alarms: Stack | None = None
    image_there: bool = False
    in_use: str = ""  # the tag that tasks run; empty when there is none, or its image is gone
    refused: Mapping[str, str] = field(default_factory=dict)  # why, by tag: a canary has failed, or it was taken back
    builder: str = "codebuild"
    secrets: frozenset[str] = frozenset()
    users: tuple[str, ...] = ()
    email: str = ""
    model: str = ""
    verify: bool = True
    wanted: Mapping[str, str] = field(default_factory=dict)  # further parameters of the stack

    @property
    def providers(self) -> frozenset[str]:
        return frozenset(name for name in PROVIDERS if f"{name}-api-key" in self.secrets)

    @property
    def replaces(self) -> bool:
        return self.in_use not in ("", self.tag)

    @property
    def refusal(self) -> str:
        """Why tasks keep the image that they have."""
        return self.refused.get(self.tag, "") if self.replaces else ""

    @property
    def first_image(self) -> str:
        """What the stack names before any canary: without a check, the new one at once."""
        return self.in_use if self.replaces and (self.verify or self.refusal) else self.tag


def plan_deploy(facts: Facts) -> list[Step]:
    """The image comes before the stack names it, so that no start ever looks for one that is not there yet.

    One that replaces another is tried by a canary when all else is new, because it will work with that.
    """
    steps: list[Step] = [PutStack(facts.names.base, "base.yaml", kept(facts.base, {"Stage": facts.names.stage}))]
    stack = PutStack(facts.names.stack, "template.yaml", parameters(facts))
    if not facts.image_there and not facts.refusal:
        if facts.stack is None:
            steps.append(BeginStack(without_image(stack)))
            stack = replace(stack, begun=True)
        steps.append(BuildImage(facts.tag, facts.builder))
    steps += [
        stack,
        DeployApp(),
        PublishSocket(),
        UploadPage(),
        PutAlarms(PutStack(facts.names.alarms, "alarms.yaml", parameters_of_alarms(facts))),
    ]
    if "telegram-bot-token" in facts.secrets:
        steps.append(SetWebhook())
    if facts.email and facts.email not in facts.users:
        steps.append(InviteUser(facts.email))
    if facts.first_image != facts.tag and not facts.refusal:
        steps.append(ReplaceImage(facts.tag, facts.in_use))
    return [*steps, Verify()] if facts.verify else steps


def without_image(stack: PutStack) -> PutStack:
    return replace(stack, parameters={name: value for name, value in stack.parameters.items() if name != "ImageTag"})


def parameters(facts: Facts) -> dict[str, str]:
    """Of the stack that runs: what somebody has chosen before stays."""
    before = facts.stack.parameters if facts.stack else {}
    chosen = {
        "Stage": facts.names.stage,
        "ImageTag": facts.first_image,
        "Model": default_model(facts.providers, facts.model or before.get("Model", "")),
        **facts.wanted,
    }
    return kept(facts.stack, chosen)


def parameters_of_alarms(facts: Facts) -> dict[str, str]:
    """Before there was such a stack, the one that runs had them."""
    given = {"Stage": facts.names.stage, **({"OwnerEmail": facts.email} if facts.email else {}), **facts.wanted}
    return kept(facts.stack, kept(facts.alarms, given))


def kept(stack: Stack | None, chosen: Mapping[str, str]) -> dict[str, str]:
    return {**(stack.parameters if stack else {}), **chosen}
