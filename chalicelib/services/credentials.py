"""Credentials: who proves to be the bridge of a start that goes on gets what its user's rows and objects need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.bridge import BODY_BYTES, Request, verify
from chalicelib.domain.credentials import PATH, encode_credentials
from chalicelib.domain.fields import json_object
from chalicelib.errors import InvalidMessage, NotAllowed
from chalicelib.ports import Clock, CredentialIssuer
from chalicelib.tables.agents import Agents


@dataclass(frozen=True)
class Credentials:
    agents: Agents
    issuer: CredentialIssuer
    clock: Clock

    def issue(self, body: bytes, headers: Mapping[str, str], address: str) -> dict[str, str]:
        """Raises NotAllowed, the same for whoever it is. A repeated request gets no more than the first one did."""
        user_id = _named(body)
        agent = self.agents.get(user_id)
        request = Request("POST", PATH, body)
        if not agent.bridge_key or not verify(agent.bridge_key, agent.epoch, request, headers, self.clock()):
            raise NotAllowed("only the bridge of a start that goes on gets credentials")
        return encode_credentials(self.issuer.issue(user_id, agent.epoch), address)


def _named(body: bytes) -> str:
    try:
        named = json_object(body).get("userId") if len(body) <= BODY_BYTES else None
    except InvalidMessage:
        named = None
    if not isinstance(named, str) or not named:
        raise NotAllowed("only the bridge of a start that goes on gets credentials")
    return named
