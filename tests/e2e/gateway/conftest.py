from __future__ import annotations

from collections.abc import Iterator

import pytest

from container.bridge.openclaw.gateway import OpenClawGateway
from tests.e2e.gateway.harness import OpenClaw


@pytest.fixture(scope="session")
def openclaw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenClaw]:
    openclaw = OpenClaw(tmp_path_factory.mktemp("openclaw"))
    yield openclaw
    assert openclaw.stop() == 0


@pytest.fixture
def gateway(openclaw: OpenClaw) -> Iterator[OpenClawGateway]:
    gateway = openclaw.gateway()
    yield gateway
    gateway.close()
