"""The page's files as they are uploaded: hashed ones for ever, all else asked for again, the entry last."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path

from infra.adapters.buckets import Upload
from infra.context import StepContext
from infra.names import StageNames

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}
STALE = ("/", "/index.html", "/config.json")  # what CloudFront has to fetch anew
LAST = ("config.json", "index.html")


def upload_page(context: StepContext) -> None:
    """Hashed files that are there are the same: they are not sent again."""
    outputs, buckets = context.outputs(), context.aws.buckets
    bucket = outputs["PageBucket"]
    for upload in uploads(context.page, context.names, context.aws.region, outputs):
        if upload.caching == FOREVER and buckets.has(bucket, upload.key):
            continue
        buckets.put(bucket, upload)
    context.aws.distributions.refresh(outputs["Distribution"], STALE, f"{context.clock():%Y%m%d%H%M%S%f}")


def uploads(folder: Path, names: StageNames, region: str, outputs: Mapping[str, str]) -> list[Upload]:
    """Old hashed files are left where they are: pages that are open still ask for them."""
    found = [_file(folder, path) for path in sorted(folder.rglob("*")) if path.is_file()]
    plain = [each for each in found if each.key not in LAST]
    entry = [each for each in found if each.key == "index.html"]
    return [*plain, _config(names, region, outputs), *entry]


def _file(folder: Path, path: Path) -> Upload:
    key = path.relative_to(folder).as_posix()
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    caching = FOREVER if key.startswith("assets/") else ASK_AGAIN
    return Upload(key, path.read_bytes(), f"{kind}; charset=utf-8" if kind.startswith("text/") else kind, caching)


def _config(names: StageNames, region: str, outputs: Mapping[str, str]) -> Upload:
    content = {
        "stage": names.stage,
        "api": "/api",
        "socket": outputs["SocketUrl"],
        "oidc": {
            "authority": f"https://cognito-idp.{region}.amazonaws.com/{outputs['UserPoolId']}",
            "clientId": outputs["PageClientId"],
            "scope": "openid email",
        },
    }
    return Upload("config.json", json.dumps(content).encode(), "application/json", ASK_AGAIN)
