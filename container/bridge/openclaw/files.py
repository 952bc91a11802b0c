"""Files that the agent hands over, read from OpenClaw over HTTP: it alone decides which of its paths they are.

So nothing of the state folder is opened here, and no link in it is followed.
"""

from __future__ import annotations

import base64
from http import HTTPStatus

from container.bridge.openclaw.driver import GatewayLink
from container.bridge.ports import FileLost, FileTooLarge

PLACE = "/api/chat/media/"
TIMEOUT = 10.0  # seconds for OpenClaw to say where it is


def read_file(link: GatewayLink, session: str, artifact: str, most: int) -> bytes:
    """Raises FileLost, FileTooLarge, and what the link raises."""
    told = link.request("artifacts.download", {"sessionKey": session, "artifactId": artifact}, TIMEOUT)
    path = str(told.get("url") or "")
    content = _read(link, path, most) if path else base64.b64decode(str(told.get("data") or ""))
    if len(content) > most:
        raise FileTooLarge(f"the file has more than {most} bytes")
    return content


def _read(link: GatewayLink, path: str, most: int) -> bytes:
    if not path.startswith(PLACE):
        raise FileLost(f"OpenClaw says that the file is at {path[:80]}")
    status, content = link.read(path, most + 1)
    if status != HTTPStatus.OK:
        raise FileLost(f"OpenClaw does not give the file: HTTP {status}")
    return content
