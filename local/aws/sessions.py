"""Sessions of a role, as STS issues them: with a policy that cuts the role down, and an end.

A token names the role and carries that policy, signed with the keys of this run, so that each program which is asked
can read it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from chalicelib.domain.credentials import SessionCredentials
from local.aws.keys import AwsKeys
from local.aws.policy import Call, Policy
from local.aws.roles import policy_of

LONGEST = timedelta(hours=1)  # of a role that is assumed by a role
KEY_OF_SSM = "arn:aws:kms:"  # lets all of the account decrypt, says its own policy; a session policy it does not widen


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RoleSession:
    role: str  # as the template calls it
    policy: Policy | None  # what cuts the role down, if anything does
    ends_at: datetime

    def allows(self, call: Call) -> bool:
        of_role = call.resource.startswith(KEY_OF_SSM) or policy_of(self.role).allows(call)
        return of_role and (self.policy is None or self.policy.allows(call))


@dataclass(frozen=True)
class Sessions:
    keys: AwsKeys
    longest: timedelta = LONGEST
    clock: Callable[[], datetime] = now

    def issue(self, role: str, life: timedelta, policy: str = "") -> SessionCredentials:
        key_id, ends_at = f"ASIA{secrets.token_hex(8).upper()}", self.clock() + min(life, self.longest)
        told = json.dumps({"id": key_id, "ends": ends_at.timestamp(), "role": role, "policy": policy})
        claim = base64.urlsafe_b64encode(told.encode()).decode()
        return SessionCredentials(key_id, self.secret(key_id), f"{claim}.{self._sign(claim)}", ends_at)

    def read(self, key_id: str, token: str) -> RoleSession | None:
        """None where we have issued no such thing; one that has ended is told as it is."""
        claim, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(errors="replace"), self._sign(claim).encode()):
            return None
        told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(claim))
        if told["id"] != key_id:
            return None
        policy = _policy(told["policy"]) if told["policy"] else None
        return RoleSession(told["role"], policy, datetime.fromtimestamp(told["ends"], UTC))

    def secret(self, key_id: str) -> str:
        return self._sign(key_id)

    def _sign(self, text: str) -> str:
        return hmac.new(self.keys.secret.encode(), f"session {text}".encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=64)
def _policy(document: str) -> Policy:
    return Policy.of(document)
