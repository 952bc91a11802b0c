"""Provider keys and the bot's token as SSM parameters, where the bridge reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalicelib.domain.telegram import SECRET, TOKEN
from local.names import SECRETS
from local.provider import KEYS

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PARAMETERS = {f"{SECRETS}{provider}-api-key": variable for provider, variable in KEYS.items()}
TELEGRAM = {"TELEGRAM_BOT_TOKEN": f"{SECRETS}{TOKEN}", "TELEGRAM_WEBHOOK_SECRET": f"{SECRETS}{SECRET}"}


def put_secrets(ssm: SSMClient, keys: Mapping[str, str], telegram: Mapping[str, str]) -> None:
    wanted = {parameter: keys[variable] for parameter, variable in PARAMETERS.items() if variable in keys}
    wanted |= {TELEGRAM[variable]: value for variable, value in telegram.items()}
    for parameter, value in wanted.items():
        ssm.put_parameter(Name=parameter, Value=value, Type="SecureString", Overwrite=True)
