"""The image: its size, and how long OpenClaw takes to start from it, against a plain `npm install openclaw`.

Run it as `python -m bench.image [starts]` where a Docker Engine answers; IMAGE_BASE names another base. All starts are
under the limits of a Fargate task (1 vCPU, 2 GB), those from the two images in turn. Then, in the running product, from
the start of the task's containers to the first queued message in OpenClaw's hands.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tarfile import TarFile
from typing import IO

from bench.report import milliseconds, verdict
from local.aws.containers import LABEL
from local.docker.config import DockerConfig
from local.docker.image import NAME, prepare
from local.errors import DockerMissing
from tests.e2e.page import Page
from tests.e2e.product import Product, wait_for
from tests.image.engine import ENVIRON, ROOT, Engine

LIMITS = {"nano_cpus": 10**9}  # and 2 GB
PLAIN = f"{NAME}:plain"
START = """
import glob, os, time
from container.agent.openclaw import OpenClaw
from container.agent.config import AgentConfig
began = time.monotonic()
config = AgentConfig.from_env({**os.environ, "LLM_MODEL": "demo/demo-1", "DEMO_MODEL_URL": "http://127.0.0.1:9"})
openclaw = OpenClaw(config)
if config.prebaked is None:  # plain: as its own documents start it, with the same configuration and environment
    OpenClaw.command = [config.node, str(config.openclaw_dir / "openclaw.mjs"), "gateway"]
openclaw.prepare()
process = openclaw.start("ab" * 32)
while not openclaw.is_ready():
    assert process.poll() is None
    time.sleep(0.1)
took, used = time.monotonic() - began, 0
for stat in glob.glob("/proc/[0-9]*/stat"):  # this program's own use is the same in both
    used += sum(map(int, open(stat).read().rpartition(")")[2].split()[11:15]))
print("RESULT", took, used / os.sysconf("SC_CLK_TCK"), flush=True)
os._exit(0)
"""


def main(starts: int) -> None:
    engine = Engine(ENVIRON)
    try:
        engine.image = built(engine)
    except DockerMissing as error:
        print(error)
        return
    sizes(engine)
    gateway_starts(engine, starts)
    first_messages(engine, max(3, starts // 2))


def built(engine: Engine) -> str:
    """Ours; the plain one is built of the packages that ours was pruned from."""
    containers = DockerConfig.from_env({**os.environ, "RUNNER": "docker"})
    assert containers
    ready = prepare(containers, ROOT, Path(tempfile.mkdtemp()) / "build.log", print, lambda: None)
    base = ["--build-arg", f"BASE={containers.base}"] if containers.base else []
    packages = f"{NAME}:packages"
    _build("--file=container/Dockerfile", "--target=packages", *base, f"--tag={packages}")
    _build("--file=bench/plain.Dockerfile", f"--build-arg=PACKAGES={packages}", f"--tag={PLAIN}")
    return ready.image


def _build(*options: str) -> None:
    command = ["docker", "build", "--quiet", "--network=host", *options, "."]
    subprocess.run(command, cwd=ROOT, env=ENVIRON, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sizes(engine: Engine) -> None:
    compressed = {image: _compressed(image) / 1e6 for image in (PLAIN, engine.image)}
    verdict("image, compressed", compressed[engine.image], 200, "MB")
    print(
        f"plain image, compressed {compressed[PLAIN]:.0f} MB; ratio {compressed[engine.image] / compressed[PLAIN]:.2f}"
    )


def _compressed(image: str) -> int:
    """Layer by layer, as a registry stores it (gzip -6)."""
    with tempfile.TemporaryFile() as saved:
        subprocess.run(["docker", "save", image], env=ENVIRON, stdout=saved, check=True)
        saved.seek(0)
        with TarFile.open(fileobj=saved) as tar:
            layers = (tar.extractfile(member) for member in tar if member.isfile())
            return sum(_gzipped(layer) for layer in layers if layer)


def _gzipped(layer: IO[bytes]) -> int:
    packer, size = zlib.compressobj(6, wbits=31), 0
    while block := layer.read(1 << 20):
        size += len(packer.compress(block))
    return size + len(packer.flush())


def gateway_starts(engine: Engine, starts: int) -> None:
    found: dict[str, list[tuple[float, float]]] = {PLAIN: [], engine.image: []}
    for _ in range(starts):
        for image, measured in found.items():
            measured.append(_start(image))
    for what, column in (("gateway ready", 0), ("processor's time until then", 1)):
        plain, ours = ([measured[column] for measured in each] for each in found.values())
        milliseconds(f"{what}, plain", plain)
        milliseconds(f"{what}, our image", ours)
        verdict("ratio of the medians", median(ours) / median(plain), 0.7, "")


def _start(image: str) -> tuple[float, float]:
    """Seconds until it was ready, and seconds of the processor; the second is much the same on a busy machine."""
    engine = Engine(ENVIRON)
    engine.image = image
    said = engine.run(START, **LIMITS)
    took, used = next(line for line in said.splitlines() if line.startswith("RESULT")).split()[1:]
    return float(took), float(used)


def first_messages(engine: Engine, times: int) -> None:
    """Each right after a bare start, so that both meet the same machine."""
    names = {name: value for name, value in ENVIRON.items() if name.startswith("DOCKER_")}
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), RUNNER="docker", IMAGE=engine.image, **names).start()
        try:
            pairs = [(_start(engine.image)[0], _wake(engine, product)) for _ in range(times)]
        finally:
            product.stop()
    milliseconds("containers' start to the first message", [took for _, took in pairs])
    verdict("behind the bare gateway's own start", median(took - bare for bare, took in pairs), 0.5, "s")


def _wake(engine: Engine, product: Product) -> float:
    """Seconds from the start of the agent's container to the bridge's `turn began`."""
    page = Page(product.origin).open()
    page.answer(page.send("hello [[n=3]]", str(uuid.uuid4())), 300)
    began = min(_time(each.attrs["State"]["StartedAt"]) for each in engine.labelled(f"{LABEL}={product.state}"))
    log = max((product.state / "logs" / "tasks").glob("*-bridge.log"), key=lambda path: path.stat().st_mtime)
    turn = next(line for line in log.read_text().splitlines() if "turn began" in line)
    page.rest("POST", "/agent/stop")
    wait_for(lambda: page.rest("GET", "/status")["status"] == "idle", "sleep", 60)
    page.close()
    return (_time(turn.split()[0]) - began) / timedelta(seconds=1)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text[:23].rstrip("Z")).replace(tzinfo=UTC)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
