"""A bridge that was made and not started has done nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from container.bridge.config import BridgeConfig
from container.bridge.wiring import Bridge, published
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


@pytest.mark.parametrize(
    ("listens", "reached"), [("0.0.0.0:8080", "203.0.113.7:8080"), ("127.231.193.43:8080", "127.231.193.43:8080")]
)
def test_a_bridge_is_reached_where_it_listens(listens: str, reached: str) -> None:
    """On a laptop each task has an address of its own, and the cloud sees all of them come from one."""
    assert published(listens, "203.0.113.7") == reached
