"""What one port serves: the sign-in, the push endpoint, and for everything else what is behind CloudFront."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def mounted(prefixes: Mapping[str, WSGIApplication], rest: WSGIApplication) -> WSGIApplication:
    """Each application sees its path without the prefix."""

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        for prefix, application in prefixes.items():
            if path.startswith(prefix + "/"):
                environ = {**environ, "PATH_INFO": path.removeprefix(prefix), "SCRIPT_NAME": prefix}
                return application(environ, start)
        return rest(environ, start)

    return app
