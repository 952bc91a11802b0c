"""`python -m infra COMMAND`: behind `make deploy` and `make destroy`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from infra.adapters.aws import Aws
from infra.adapters.programs import Programs
from infra.commands.cost import markdown, plain
from infra.commands.deploy import HERE, deploy
from infra.commands.destroy import destroy
from infra.commands.doctor import doctor, logs, status
from infra.commands.secrets import secrets
from infra.commands.upgrade import upgrade
from infra.config import Settings
from infra.console import Voice
from infra.context import Work
from infra.errors import DriverError
from infra.steps.verify import verify

ROOT = Path(__file__).parent.parent
AGAIN = "Nothing of it is lost: run the same again, and it goes on."


def main() -> int:
    voice = Voice()
    try:
        settings = Settings.read(sys.argv[1:], os.environ, ROOT)
        if settings.command == "cost":
            voice.say((markdown() if settings.markdown else plain()).rstrip("\n"))
            return 0
        aws = Aws(settings.names, settings.region)
        run(Work(settings, voice, aws, Programs(ROOT, {"AWS_DEFAULT_REGION": aws.region})))
    except DriverError as error:
        voice.say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        voice.say(f"\nStopped; AWS goes on with what it has begun. {AGAIN}")
        return 130
    return 0


def run(work: Work) -> None:
    match work.settings.command:
        case "deploy":
            deploy(work)
        case "destroy":
            destroy(work)
        case "verify":
            verify(work)
        case "doctor":
            doctor(work, HERE)
        case "secrets":
            secrets(work)
        case "logs":
            logs(work)
        case "upgrade":
            upgrade(work)
        case _:
            status(work)


if __name__ == "__main__":
    sys.exit(main())
