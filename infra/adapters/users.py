"""Cognito: the owner's invitation, and the short life of the user that checks a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless


@dataclass(frozen=True)
class Users:
    client: Any

    def emails(self, pool: str) -> list[str]:
        with translated("listing the users"):
            found = self.client.list_users(UserPoolId=pool, Limit=60)["Users"]
        facts = [{each["Name"]: each["Value"] for each in user["Attributes"]} for user in found]
        return sorted(each["email"] for each in facts if "email" in each)

    def invite(self, pool: str, email: str) -> None:
        """Cognito sends the first password by e-mail."""
        known = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        with unless("UsernameExistsException"), translated(f"inviting {email}"):
            self.client.admin_create_user(
                UserPoolId=pool, Username=email, UserAttributes=known, DesiredDeliveryMediums=["EMAIL"]
            )

    def make(self, pool: str, email: str, password: str) -> str:
        """A user without an invitation; the id."""
        known = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        with translated("making the user that checks"):
            made = self.client.admin_create_user(
                UserPoolId=pool, Username=email, UserAttributes=known, MessageAction="SUPPRESS"
            )["User"]
            self.client.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
        facts = {each["Name"]: each["Value"] for each in made["Attributes"]}
        return str(facts.get("sub", made["Username"]))

    def sign_in(self, pool: str, client_id: str, email: str, password: str) -> str:
        """An identity token, as the page has one."""
        with translated("signing in"):
            answer = self.client.admin_initiate_auth(
                UserPoolId=pool,
                ClientId=client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email, "PASSWORD": password},
            )
        return str(answer["AuthenticationResult"]["IdToken"])

    def delete(self, pool: str, email: str) -> None:
        with unless("UserNotFoundException"), translated(f"deleting {email}"):
            self.client.admin_delete_user(UserPoolId=pool, Username=email)

    def pools(self, name: str) -> list[str]:
        """Ids of those with this name."""
        with translated("listing the user pools"):
            pages = self.client.get_paginator("list_user_pools").paginate(MaxResults=60)
            return [each["Id"] for page in pages for each in page["UserPools"] if each["Name"] == name]

    def drop_pool(self, pool: str) -> None:
        """Its sign-in page first: Cognito keeps a pool that has one."""
        with unless("ResourceNotFoundException"), translated("deleting the users"):
            domain = self.client.describe_user_pool(UserPoolId=pool)["UserPool"].get("Domain")
            if domain:
                self.client.delete_user_pool_domain(Domain=domain, UserPoolId=pool)
            self.client.delete_user_pool(UserPoolId=pool)
