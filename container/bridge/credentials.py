"""The bridge's session credentials: issued by the cloud for an hour, and asked for again long before the hour ends.

A task has no role, so that nothing in it holds credentials of its own.
"""

from __future__ import annotations

import http
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field

import boto3
import botocore.session
from botocore.credentials import RefreshableCredentials

from chalicelib.domain.bridge import Request, sign
from chalicelib.domain.credentials import PATH, decode_credentials
from chalicelib.domain.times import to_text
from chalicelib.errors import AgentUnavailable, Fenced
from chalicelib.ports import Clock, NewId, Sleep
from container.bridge.config import BridgeConfig

log = logging.getLogger(__name__)
TIMEOUT = 10.0  # seconds; a cold Lambda takes one or two
ATTEMPTS = 6
PAUSE = 0.5  # seconds before the second try, doubled before each further one


@dataclass
class CredentialsClient:
    """Asks the cloud; `address` is the one it saw us come from."""

    url: str
    user_id: str
    epoch: int
    key: str
    clock: Clock
    sleep: Sleep
    new_nonce: NewId
    address: str = field(default="", init=False)

    def fetch(self) -> dict[str, str]:
        """As botocore wants them. Raises Fenced when this start is over, AgentUnavailable after some tries."""
        issued, self.address = decode_credentials(self._ask())
        return {
            "access_key": issued.access_key_id,
            "secret_key": issued.secret_access_key,
            "token": issued.session_token,
            "expiry_time": to_text(issued.expires_at),
        }

    def _ask(self) -> Mapping[str, str]:
        for attempt in range(ATTEMPTS):
            try:
                return self._post()
            except (OSError, ValueError) as error:
                if isinstance(error, urllib.error.HTTPError) and error.code == http.HTTPStatus.FORBIDDEN:
                    raise Fenced(f"epoch {self.epoch} is over: it gets no credentials") from None
                log.warning("no credentials yet: %s", error)
                self.sleep(PAUSE * 2**attempt)
        raise AgentUnavailable("the cloud issues no credentials")

    def _post(self) -> Mapping[str, str]:
        """Signed anew each time: a signature is good for a minute."""
        body = json.dumps({"userId": self.user_id}).encode()
        headers = sign(self.key, self.epoch, Request("POST", PATH, body), self.clock(), self.new_nonce())
        request = urllib.request.Request(self.url, body, {**headers, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            fields: Mapping[str, str] = json.load(answer)
        return fields


class IssuedCredentials:
    """Sessions that share what the cloud has issued, which renews itself a quarter of an hour before it ends."""

    def __init__(self, client: CredentialsClient) -> None:
        self._client = client
        self._credentials: RefreshableCredentials | None = None

    def fetch(self) -> None:
        """The first ones. Raises Fenced, AgentUnavailable."""
        self._credentials = RefreshableCredentials.create_from_metadata(
            metadata=self._client.fetch(), refresh_using=self._client.fetch, method="bridge"
        )

    def session(self) -> boto3.session.Session:
        assert self._credentials is not None, "not fetched yet"
        bare = botocore.session.get_session()
        bare._credentials = self._credentials  # type: ignore[attr-defined]  # set_credentials takes none that renew
        return boto3.session.Session(botocore_session=bare)

    @property
    def host(self) -> str:
        """As the cloud saw us; empty before `fetch`."""
        return self._client.address


def make_credentials(config: BridgeConfig, clock: Clock, sleep: Sleep, new_nonce: NewId) -> IssuedCredentials:
    client = CredentialsClient(
        config.credentials_url, config.user_id, config.epoch, config.key, clock, sleep, new_nonce
    )
    return IssuedCredentials(client)
