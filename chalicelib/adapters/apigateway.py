"""Frames to the browsers' sockets, through API Gateway's @connections."""

from __future__ import annotations

import http
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.clients import make_client
from chalicelib.errors import AgentUnavailable
from chalicelib.ports import Sleep

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

ATTEMPTS = 6  # of one frame; 429 also means that the client's buffer is full
BROKEN = 2  # connections that may break before the frame is given up


def connect(endpoint: str) -> ApiGatewayManagementApiClient:
    """A client that leaves repeating to `SocketPush`: botocore's own waits for seconds, and all pages with it."""
    client: ApiGatewayManagementApiClient = make_client("apigatewaymanagementapi", attempts=1, endpoint_url=endpoint)
    return client


@dataclass(frozen=True)
class SocketPush:
    connect: Callable[[], ApiGatewayManagementApiClient]
    sleep: Sleep
    random: Callable[[], float] = random.random  # from 0 to 1

    @cached_property
    def client(self) -> ApiGatewayManagementApiClient:
        return self.connect()

    def send(self, connection_id: str, frame: Mapping[str, Any]) -> bool:
        body = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
        broken = 0
        for attempt in range(ATTEMPTS):
            try:
                self.client.post_to_connection(ConnectionId=connection_id, Data=body)
                return True
            except ClientError as error:
                if _gone(error):
                    return False
                if not _passing(error) or attempt == ATTEMPTS - 1:
                    raise AgentUnavailable(f"push to {connection_id}: {error}") from error
            except BotoCoreError as error:
                # A kept connection that broke while nobody looked; the page knows a frame that it has already.
                broken += 1
                if broken <= BROKEN and attempt < ATTEMPTS - 1:
                    continue
                raise AgentUnavailable(f"push to {connection_id}: {error}") from error
            self.sleep(self.random() * 0.05 * 2**attempt)
        raise AssertionError("unreachable")

    def close(self, connection_id: str) -> None:
        try:
            self.client.delete_connection(ConnectionId=connection_id)
        except (ClientError, BotoCoreError) as error:
            if not isinstance(error, ClientError) or not _gone(error):
                raise AgentUnavailable(f"close of {connection_id}: {error}") from error


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _gone(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "GoneException" or _status(error) == http.HTTPStatus.GONE


def _passing(error: ClientError) -> bool:
    return (
        _status(error) == http.HTTPStatus.TOO_MANY_REQUESTS or _status(error) >= http.HTTPStatus.INTERNAL_SERVER_ERROR
    )
