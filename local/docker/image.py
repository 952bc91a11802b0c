"""The image that tasks run from, built when what it is made of has changed; its tag is the checksum of that."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from local.docker.config import DockerConfig
from local.docker.engine import DockerEngine
from local.errors import ImageFailed
from local.programs.process import ChildProcess, log_tail

NAME = "serverless-openclaw"
DOCKERFILE = "container/Dockerfile"
# A new build stage, as the classic builder and BuildKit print it.
BUILD_STAGE = re.compile(r"^Step \d+/\d+ : FROM .* AS (?P<classic>\w+)|^#\d+ \[(?P<buildkit>[a-z]\w*) +\d+/\d+\] ")
TITLES = {
    "base": "the base, with Python",
    "tools": "Node",
    "packages": "OpenClaw and the bridge's packages",
    "prebake": "starting OpenClaw, to keep what that makes",
    "task": "putting it together",
}
PAUSE = 0.3  # seconds


@dataclass(frozen=True)
class TaskImage:
    """`base` replaces the base of the Dockerfile."""

    root: Path
    engine: DockerEngine
    base: str = ""

    @property
    def tag(self) -> str:
        summed = hashlib.sha256(self.base.encode())
        for path in sorted(_sources(self.root)):
            summed.update(f"{path.relative_to(self.root)}\0{path.stat().st_mode & 0o100:o}\0".encode())
            summed.update(path.read_bytes())
        return f"{NAME}:{summed.hexdigest()[:12]}"

    def build(self, log: Path, say: Callable[[str], None], go_on: Callable[[], None]) -> None:
        """Says each build stage; `go_on` may raise to end it. Raises ImageFailed."""
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        process = ChildProcess(self._command(), self.engine.environ, self.root, log)
        try:
            code = _follow(process, log, say, go_on)
        finally:
            process.end(5)
        if code:
            raise ImageFailed(f"The image could not be built. {log_tail(log)}")

    def _command(self) -> list[str]:
        base = ["--build-arg", f"BASE={self.base}"] if self.base else []
        # The machine's own network: what it can reach, the build can.
        return ["docker", "build", "--network", "host", *base, "--tag", self.tag, "--file", DOCKERFILE, "."]


def prepare(
    config: DockerConfig, root: Path, log: Path, say: Callable[[str], None], go_on: Callable[[], None]
) -> DockerConfig:
    """With an image that the Engine has; raises DockerMissing, ImageFailed."""
    config.engine.check()
    if config.image:
        return config
    image = TaskImage(root, config.engine, config.base)
    tag = image.tag
    if not config.engine.has_image(tag):
        say("Building the image, some minutes and once for each version of it …")
        image.build(log, say, go_on)
    return replace(config, image=tag)


def _follow(process: ChildProcess, log: Path, say: Callable[[str], None], go_on: Callable[[], None]) -> int:
    said: set[str] = set()
    with log.open(errors="replace") as lines:
        while True:
            code = process.wait(PAUSE)
            for stage in build_stages(lines):
                if stage in TITLES and stage not in said:
                    said.add(stage)
                    say(f"  {len(said)} of {len(TITLES)}: {TITLES[stage]} …")
            if code is not None:
                return code
            go_on()


def build_stages(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if found := BUILD_STAGE.match(line):
            yield found["classic"] or found["buildkit"]


def _sources(root: Path) -> Iterator[Path]:
    """The files that .dockerignore lets in: its lines with "!", of which none has a pattern but `*`."""
    yield from (root / DOCKERFILE, root / ".dockerignore")
    for line in (root / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            for found in root.glob(line[1:]):
                yield from _files(found)


def _files(found: Path) -> Iterator[Path]:
    if found.is_file():
        yield found
        return
    yield from (path for path in found.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
