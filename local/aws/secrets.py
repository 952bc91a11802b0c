"""Provider keys as SSM parameters, and back as the secrets that a task definition names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.names import SECRETS
from local.provider import KEYS

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PARAMETERS = {f"{SECRETS}{provider}-api-key": variable for provider, variable in KEYS.items()}


def put_secrets(ssm: SSMClient, keys: Mapping[str, str]) -> None:
    for parameter, variable in PARAMETERS.items():
        if variable in keys:
            ssm.put_parameter(Name=parameter, Value=keys[variable], Type="SecureString", Overwrite=True)


def get_secrets(ssm: SSMClient) -> dict[str, str]:
    """By the name of the variable that the agent reads."""
    found = ssm.get_parameters(Names=list(PARAMETERS), WithDecryption=True)["Parameters"]
    return {PARAMETERS[parameter["Name"]]: parameter["Value"] for parameter in found}
