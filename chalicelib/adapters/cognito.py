"""Cognito: takes back every refresh token of a user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import AgentUnavailable


@dataclass(frozen=True)
class CognitoPool:
    connect: Callable[[], Any]
    pool_id: str  # empty where nobody but us signs people in, as on a laptop

    @cached_property
    def client(self) -> Any:
        return self.connect()

    def sign_out(self, user_id: str) -> None:
        """Identity tokens that are out stay valid for Cognito until they end."""
        if not self.pool_id:
            return
        try:
            self.client.admin_user_global_sign_out(UserPoolId=self.pool_id, Username=user_id)
        except (ClientError, BotoCoreError) as error:
            raise AgentUnavailable(f"Cognito signs nobody out: {error}") from error
