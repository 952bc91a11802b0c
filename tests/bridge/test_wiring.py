"""A bridge that was made and not started has done nothing."""

from __future__ import annotations

import threading
from pathlib import Path

from container.bridge.config import BridgeConfig
from container.bridge.wiring import Bridge
from tests.fakes.http import http_server


def config(folder: Path, url: str) -> BridgeConfig:
    return BridgeConfig.from_env(
        {
            "STAGE": "test",
            "USER_ID": "ada",
            "EPOCH": "1",
            "BRIDGE_KEY": "ab" * 32,
            "STATE_DIR": str(folder / "state"),
            "CONTROL_DIR": str(folder),
            "S3_DATA_BUCKET": "bucket",
            "WEBSOCKET_CALLBACK_URL": url,
            "CREDENTIALS_URL": url,
        }
    )


def test_making_a_bridge_starts_no_thread_asks_nobody_and_writes_nothing(tmp_path: Path) -> None:
    with http_server() as server:
        before = set(threading.enumerate())
        Bridge(config(tmp_path, server.url))
        assert set(threading.enumerate()) == before
    assert server.asked == []
    assert list(tmp_path.iterdir()) == []
