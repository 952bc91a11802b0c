"""The driver's config: its arguments and, here only, its environment."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.names import StageNames

COMMANDS = {
    "deploy": "everything that is needed for an agent at an https address; again after a failure or a change",
    "destroy": "take away what bills; conversations, backups and users stay unless --delete-data",
    "verify": "wake an agent, let it answer, put it to sleep, wake it, see that it remembers",
    "probe": "probe [NAME …]: what only a real account shows; once after the first deploy",
    "doctor": "what is wrong, and what to do about it",
    "status": "what there is",
    "logs": "the newest lines of all programs",
    "secrets": "secrets list | set NAME | remove NAME",
    "halt": "halt on | off: the kill switch; stops all agents within a minute, and starts none",
    "cost": "what a month costs",
    "tag": "the name of the image that this checkout makes",
    "upgrade": "another version of OpenClaw: build it, try it, only then use it; --rollback goes back",
}
MEMORY = {512: 1024, 1024: 2048, 2048: 4096, 4096: 8192}  # MiB that Fargate has for so much CPU
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 180, 365)
BUILDERS = ("auto", "docker", "codebuild")


@dataclass(frozen=True)
class DriverConfig:
    command: str
    arguments: tuple[str, ...]  # of the command
    names: StageNames
    region: str | None
    root: Path
    yes: bool
    delete_data: bool
    skip_verify: bool
    email: str
    model: str
    builder: str
    image_from: str  # a public repository, with or without a digest
    minutes: int
    markdown: bool
    openclaw: str
    rollback: bool
    wanted: dict[str, str]  # parameters of the stacks, for those that were given

    @classmethod
    def read(cls, arguments: Sequence[str], environ: Mapping[str, str], root: Path) -> DriverConfig:
        given = _parser(environ).parse_args(arguments)
        return cls(
            command=given.command,
            arguments=tuple(given.arguments),
            names=StageNames(given.stage),
            region=given.region,
            root=root,
            yes=given.yes,
            delete_data=given.delete_data,
            skip_verify=given.skip_verify,
            email=given.email,
            model=given.model,
            builder=given.builder,
            image_from=given.image_from,
            minutes=given.minutes,
            markdown=given.markdown,
            openclaw=given.openclaw,
            rollback=given.rollback,
            wanted=_wanted(given),
        )


def _wanted(given: argparse.Namespace) -> dict[str, str]:
    """What is not given stays as it was chosen before."""
    values = {"IdleMinutes": given.idle_minutes, "LogDays": given.log_days, "MonthlyBudget": given.monthly_budget}
    if given.halt_at_budget:
        values["HaltAtBudget"] = given.halt_at_budget
    if given.agent_cpu:
        values |= {"AgentCpu": given.agent_cpu, "AgentMemory": MEMORY[given.agent_cpu]}
    return {name: str(value) for name, value in values.items() if value is not None}


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("1 or more is wanted")
    return number


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    commands = "\n".join(f"  {name:9} {purpose}" for name, purpose in COMMANDS.items())
    parser = argparse.ArgumentParser(
        "python -m infra", description=commands, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs="*", help="of `secrets`, `halt` and `probe`")
    parser.add_argument("--stage", default=environ.get("STAGE") or "prod")
    parser.add_argument("--region", default=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"))
    parser.add_argument("--yes", action="store_true", help="ask nothing that has an answer already")
    parser.add_argument(
        "--delete-data", action="store_true", help="destroy: conversations, backups, users, secrets too"
    )
    parser.add_argument("--skip-verify", action="store_true", help="deploy: end without waking an agent")
    parser.add_argument("--email", default=environ.get("OWNER_EMAIL", ""), help="the first user, who gets the alarms")
    parser.add_argument("--model", default="", help="provider/model that answers when nothing is chosen")
    parser.add_argument("--builder", default=environ.get("BUILDER", "auto"), choices=BUILDERS)
    from_help = "take the image of this checkout from a public registry: host/path or host/path@sha256:…"
    parser.add_argument("--image-from", default=environ.get("IMAGE_FROM", ""), help=from_help)
    parser.add_argument("--minutes", type=int, default=15, help="logs: how far back")
    parser.add_argument("--markdown", action="store_true", help="cost: as docs/costs.md has it")
    parser.add_argument("--openclaw", default="", help="upgrade: the version")
    parser.add_argument("--idle-minutes", type=_at_least_one, help="deploy: until a quiet agent falls asleep")
    parser.add_argument("--agent-cpu", type=int, choices=MEMORY, help="deploy: 1024 is one vCPU")
    parser.add_argument("--log-days", type=int, choices=LOG_DAYS, help="deploy: how long logs are kept")
    parser.add_argument("--monthly-budget", type=_at_least_one, help="deploy: US dollars")
    spent_help = "deploy: whether the month's budget, once spent, stops everything as `halt on` does"
    parser.add_argument("--halt-at-budget", choices=("yes", "no"), help=spent_help)
    parser.add_argument("--rollback", action="store_true", help="upgrade: back to the image before")
    return parser
