"""STS: issues sessions of the bridges' role, cut down to one user."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.credentials import LIFE, Realm, SessionCredentials, session_policy
from chalicelib.errors import AgentUnavailable

log = logging.getLogger(__name__)
NAME = 64  # characters of a session's name


@dataclass(frozen=True)
class StsIssuer:
    connect: Callable[[], Any]
    role_arn: str  # empty where bridges have credentials of their own
    table_prefix: str
    bucket: str
    stage: str

    @cached_property
    def client(self) -> Any:
        return self.connect()

    def issue(self, user_id: str, epoch: int) -> SessionCredentials:
        if not self.role_arn:
            raise AgentUnavailable("BRIDGE_ROLE_ARN is not set: there is nothing to issue")
        realm = Realm(self.role_arn.split(":")[1], self.table_prefix, self.bucket, self.stage)
        policy = session_policy(user_id, realm)
        try:
            answer = self.client.assume_role(
                RoleArn=self.role_arn,
                RoleSessionName=f"{user_id}@{epoch}"[-NAME:],
                Policy=policy,
                DurationSeconds=round(LIFE.total_seconds()),
            )
        except (ClientError, BotoCoreError) as error:
            raise AgentUnavailable(f"STS issues nothing: {error}") from error
        log.info("session policy: %s %% of what STS allows", answer.get("PackedPolicySize"))
        issued = answer["Credentials"]
        return SessionCredentials(
            issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"], issued["Expiration"]
        )
