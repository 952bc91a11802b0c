"""`python -m local.demo_model`: serves on a free loopback port."""

import logging
import os
import threading

from local.demo_model.server import DemoModel
from local.programs.service import report_ready, set_up_logging, wait_for_end

log = logging.getLogger(__name__)


def main(log_level: str) -> None:
    set_up_logging(log_level)
    server = DemoModel()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log.info("serving at %s", server.url)
    report_ready(url=server.url)
    wait_for_end()
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main(os.environ.get("LOG_LEVEL", "INFO"))
