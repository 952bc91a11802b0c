"""`python -m container.bridge`: the bridge's process."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from chalicelib import logs
from chalicelib.errors import AgentUnavailable, ConfigError, Fenced
from container.bridge.config import BridgeConfig
from container.bridge.http.app import create_app
from container.bridge.http.server import create_server
from container.bridge.wiring import Bridge, now

log = logging.getLogger(__name__)


def main() -> int:
    os.umask(0o077)
    try:
        config = BridgeConfig.from_env(os.environ)
    except ConfigError as error:
        sys.stderr.write(f"bridge: {error}\n")
        return 2
    logs.set_up(config.log_level, config.log_format, config.stage)
    # Before anything that takes time: PID 1 without a handler ignores SIGTERM, and SIGKILL follows.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    bridge = Bridge(config)
    try:
        identity = bridge.start()
    except (AgentUnavailable, Fenced) as error:
        log.error("bridge does not begin: %s", error)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: bridge.shut_down(signal.Signals(number).name))
    server = create_server(create_app(bridge, config.key, config.epoch, now), config.address, identity)
    server.prepare()
    threading.Thread(target=server.serve, name="server", daemon=True).start()
    try:
        bridge.run(identity)
    finally:
        server.stop()
    log.info("bridge ends")
    return 0


if __name__ == "__main__":
    sys.exit(main())
