"""Taking back a user's refresh tokens, against moto and against a Cognito that says no."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from chalicelib.adapters.cognito import CognitoPool
from chalicelib.errors import AgentUnavailable


@mock_aws
def test_a_users_refresh_tokens_are_worth_nothing_after_it() -> None:
    cognito: Any = boto3.client("cognito-idp", region_name="us-east-1")
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="page")["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ada", TemporaryPassword="Passw0rd!")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ada", Password="Passw0rd!", Permanent=True)
    flow = {"UserPoolId": pool, "ClientId": client}
    signed_in = cognito.admin_initiate_auth(
        **flow, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ada", "PASSWORD": "Passw0rd!"}
    )
    token = {"REFRESH_TOKEN": signed_in["AuthenticationResult"]["RefreshToken"]}
    assert cognito.admin_initiate_auth(**flow, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=token)

    CognitoPool(lambda: cognito, pool).sign_out("ada")

    with pytest.raises(ClientError):
        cognito.admin_initiate_auth(**flow, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=token)


class Refusing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def admin_user_global_sign_out(self, **asked: str) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "AdminUserGlobalSignOut"),
        EndpointConnectionError(endpoint_url="https://cognito"),
    ],
)
def test_a_cognito_that_signs_nobody_out_is_told_as_one_error(error: Exception) -> None:
    with pytest.raises(AgentUnavailable, match="signs nobody out"):
        CognitoPool(lambda: Refusing(error), "pool").sign_out("ada")


def test_where_there_is_no_pool_nobody_is_asked() -> None:
    CognitoPool(lambda: pytest.fail("asked"), "").sign_out("ada")
