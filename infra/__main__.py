"""`python -m infra COMMAND`: behind `make deploy` and `make destroy`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from infra import source
from infra.adapters.aws import Aws
from infra.adapters.programs import Programs
from infra.commands.cost import markdown, plain
from infra.commands.deploy import HERE, deploy
from infra.commands.destroy import destroy
from infra.commands.doctor import doctor, logs, status
from infra.commands.halt import halt
from infra.commands.probe import probe
from infra.commands.secrets import secrets
from infra.commands.upgrade import upgrade
from infra.config import DriverConfig
from infra.console import Console
from infra.context import StepContext
from infra.errors import DriverError, explain_unexpected
from infra.steps.verify import verify

ROOT = Path(__file__).parent.parent
LOG = ROOT / ".make" / "infra.log"
AGAIN = "Nothing of it is lost: run the same again, and it goes on."


def main() -> int:
    console = Console()
    return guarded(lambda: start(sys.argv[1:], console), console, LOG)


def start(arguments: list[str], console: Console) -> None:
    config = DriverConfig.read(arguments, os.environ, ROOT)
    if config.command == "cost":
        console.say((markdown() if config.markdown else plain()).rstrip("\n"))
        return
    if config.command == "tag":
        console.say(source.tag(ROOT))
        return
    aws = Aws(config.names, config.region)
    run(StepContext(config, console, aws, Programs(ROOT, {"AWS_DEFAULT_REGION": aws.region})))


def guarded(command: Callable[[], None], console: Console, log: Path) -> int:
    """The exit code; whatever goes wrong is a sentence."""
    try:
        command()
    except DriverError as error:
        console.say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        console.say(f"\nStopped; AWS goes on with what it has begun. {AGAIN}")
        return 130
    except Exception as error:  # noqa: BLE001  the edge of the program
        console.say(f"\n{explain_unexpected(error, log)} {AGAIN}")
        return 1
    return 0


def run(context: StepContext) -> None:
    commands: dict[str, Callable[[StepContext], None]] = {
        "deploy": deploy,
        "destroy": destroy,
        "verify": verify,
        "probe": probe,
        "doctor": lambda context: doctor(context, HERE),
        "secrets": secrets,
        "halt": halt,
        "logs": logs,
        "upgrade": upgrade,
    }
    commands.get(context.config.command, status)(context)


if __name__ == "__main__":
    sys.exit(main())
