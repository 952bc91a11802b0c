"""The Docker of this machine: builds the image for the processor that tasks run on, and pushes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra.adapters.programs import Programs
from infra.errors import BuildFailed, DriverError

NATIVE = ("arm64", "aarch64")
TASKS = "linux/arm64"
# One manifest for one image, which ECR counts as one; and where `docker push` finds it, whatever the builder in use is.
PLAIN = ("--provenance=false", "--load")
ELSEWHERE = "To build it in your account instead: BUILDER=codebuild make deploy"


@dataclass(frozen=True)
class DockerBuilder:
    programs: Programs
    say: Callable[[str], None]
    platform: str = TASKS

    def build(self, name: str) -> None:
        """By the network of this machine: what it can reach, the build can. Raises BuildFailed."""
        file = ("--file", "container/Dockerfile")
        plain = PLAIN if self.programs.has_buildx() else ()
        place = ("--platform", self.platform, "--network", "host")
        command = ["docker", "build", *plain, *place, *file, "--tag", name, "."]
        try:
            self.programs.run(command, self.say)
        except DriverError as error:
            raise BuildFailed(f"{error}\n{ELSEWHERE}") from None

    def push(self, name: str, password: str) -> None:
        """The password does not stay in Docker's own file. Raises DriverError."""
        registry = name.partition("/")[0]
        login = ["docker", "login", "--username", "AWS", "--password-stdin", registry]
        self.programs.run(login, self.say, password)
        try:
            self.programs.run(["docker", "push", name], self.say)
        finally:
            self.programs.run(["docker", "logout", registry], self.say)


def choose_builder(wanted: str, machine: str | None) -> str:
    """Emulated, a build takes an hour, and CodeBuild three minutes."""
    if wanted != "auto":
        return wanted
    return "docker" if machine in NATIVE else "codebuild"
