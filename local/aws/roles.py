"""The roles of the account: the policies that infra/template.yaml gives them, with the names of the laptop's things."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from infra.chalice import ROLES
from local.aws.policy import Policy
from local.names import ACCOUNT, BUCKET, CLUSTER_ARN, REGION, SOCKET_ARN, STAGE, START_ROLE_ARN
from local.template import properties

BRIDGE = "BridgeRole"
PLACES = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "Stage": STAGE,
    "SocketApi": SOCKET_ARN.rpartition(":")[2].partition("/")[0],
    "DataBucket": BUCKET,
    "UserPool": "local",
    "Cluster.Arn": CLUSTER_ARN,
    "StartRole.Arn": START_ROLE_ARN,
    **{f"{role.removesuffix('Role')}Log.Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:{role}" for role in ROLES.values()},
}


@cache
def policy_of(role: str) -> Policy:
    """All statements of a role's own policies and of those that it shares."""
    given = properties(role)
    documents = [each["PolicyDocument"] for each in given["Policies"]]
    documents += [properties(name)["PolicyDocument"] for name in given.get("ManagedPolicyArns", [])]
    return Policy(tuple(_named(each) for document in documents for each in document["Statement"]))


def _named(value: Any) -> Any:
    """With the names of here; a substitution with variables of its own is its text alone."""
    match value:
        case [str(text), {**_variables}]:
            return _named(text)
        case list():
            return [_named(each) for each in value]
        case Mapping():
            return {name: _named(each) for name, each in value.items()}
    return re.sub(r"\$\{([\w.:]+)\}", lambda found: PLACES[found[1]], PLACES.get(value, value))
