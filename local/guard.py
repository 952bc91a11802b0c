"""Who may speak to a server of this machine: its own programs and the product's page, decided before a body is read.

Any page that a person visits can send requests to loopback: without asking (forms, images, `no-cors`), by navigation,
by WebSocket, or under a name of its own that it rebinds to us. A browser cannot lie in the headers looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LOOPBACK_HOST = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
OWN_SITES = frozenset({"same-origin", "none"})  # from the page itself, or from the address bar

Values = Callable[[str], Sequence[str]]  # all values of a header


@dataclass(frozen=True)
class Guard:
    """For one server. `pages`: origins whose pages may send to it.

    `linked`: what is fetched by following a link proves itself by what is in the link.
    """

    pages: frozenset[str] = frozenset()
    linked: bool = False

    def refusal(self, method: str, values: Values) -> str | None:
        """Why a request is refused, if it is; the same words for every stranger would hide a mistake of ours."""
        host, origin, site = values("Host"), values("Origin"), values("Sec-Fetch-Site")
        if len(host) != 1 or not LOOPBACK_HOST.fullmatch(host[0]):
            return "Only this machine is served."
        if origin and not self._is_ours(origin):
            return "Only the page of this product may ask."
        if self._is_ours(origin) or not site or self._by_link(method, values):
            return None
        return None if self.pages and len(site) == 1 and site[0] in OWN_SITES else "Another page may not ask."

    def _is_ours(self, origin: Sequence[str]) -> bool:
        return len(origin) == 1 and origin[0] in self.pages

    def _by_link(self, method: str, values: Values) -> bool:
        """Followed, or shown in our page as a picture or a sound: localhost and 127.0.0.1 are two sites."""
        return self.linked and method == "GET" and list(values("Sec-Fetch-Mode")) in (["navigate"], ["no-cors"])
