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

from chalicelib.errors import AgentUnavailable
from chalicelib.ports import Sleep

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

ATTEMPTS = 6  # of one frame; 429 also means that the client's buffer is full


@dataclass(frozen=True)
class SocketPush:
    connect: Callable[[], ApiGatewayManagementApiClient]
    sleep: Sleep

    @cached_property
    def client(self) -> ApiGatewayManagementApiClient:
        return self.connect()

    def send(self, connection_id: str, frame: Mapping[str, Any]) -> bool:
        body = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
        for attempt in range(ATTEMPTS):
            try:
                self.client.post_to_connection(ConnectionId=connection_id, Data=body)
                return True
            except ClientError as error:
                if _gone(error):
                    return False
                if not _busy(error):
                    raise AgentUnavailable(f"push to {connection_id}: {error}") from error
            except BotoCoreError as error:
                raise AgentUnavailable(f"push to {connection_id}: {error}") from error
            self.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise AgentUnavailable(f"push to {connection_id}: the client's buffer stays full")

    def close(self, connection_id: str) -> None:
        try:
            self.client.delete_connection(ConnectionId=connection_id)
        except ClientError as error:
            if not _gone(error):
                raise AgentUnavailable(f"close of {connection_id}: {error}") from error


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _gone(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "GoneException" or _status(error) == http.HTTPStatus.GONE


def _busy(error: ClientError) -> bool:
    return _status(error) == http.HTTPStatus.TOO_MANY_REQUESTS
