"""Resource types that moto's CloudFormation lacks, each made by the service's own API in the same account."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar

import boto3
from moto.core.common_models import CloudFormationModel

Properties = dict[str, Any]
Made = tuple[str, Mapping[str, str]]  # what Ref gives, and the attributes
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Kind:
    """One type of resource."""

    name: str
    create: Callable[[str, Properties], Made]
    delete: Callable[[str, Properties], Any] | None = None
    named_by: str = ""
    attributes: tuple[str, ...] = field(default=())


REGION: ContextVar[str] = ContextVar("REGION")  # of the stack that is being made or deleted


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION.get())  # type: ignore[call-overload]


def make_pool(name: str, given: Properties) -> Made:
    known = {"AdminCreateUserConfig", "AutoVerifiedAttributes", "MfaConfiguration", "Policies", "UsernameAttributes"}
    asked = {key: value for key, value in given.items() if key in known}
    pool = client("cognito-idp").create_user_pool(PoolName=given.get("UserPoolName", name), **asked)["UserPool"]
    return pool["Id"], {"Arn": pool["Arn"], "UserPoolId": pool["Id"]}


def make_domain(name: str, given: Properties) -> Made:
    client("cognito-idp").create_user_pool_domain(Domain=given["Domain"], UserPoolId=given["UserPoolId"])
    return given["Domain"], {}


def drop_domain(name: str, given: Properties) -> None:
    """CloudFormation takes what is gone already for deleted."""
    with suppress(client("cognito-idp").exceptions.ResourceNotFoundException):
        client("cognito-idp").delete_user_pool_domain(Domain=name, UserPoolId=given["UserPoolId"])


def make_page_client(name: str, given: Properties) -> Made:
    asked = {key: value for key, value in given.items() if key != "RefreshTokenRotation"}
    made = client("cognito-idp").create_user_pool_client(**asked)["UserPoolClient"]
    return made["ClientId"], {"ClientId": made["ClientId"]}


def make_socket_api(name: str, given: Properties) -> Made:
    api = client("apigatewayv2").create_api(**given)
    return api["ApiId"], {"ApiEndpoint": api["ApiEndpoint"], "ApiId": api["ApiId"]}


def make_access(name: str, given: Properties) -> Made:
    made = client("cloudfront").create_origin_access_control(**given)["OriginAccessControl"]
    return made["Id"], {"Id": made["Id"]}


def make_page(name: str, given: Properties) -> Made:
    asked = given["DistributionConfig"]
    behaviour = {key: asked["DefaultCacheBehavior"][key] for key in ("TargetOriginId", "ViewerProtocolPolicy")}
    origins = [{key: origin[key] for key in ("Id", "DomainName")} for origin in asked["Origins"]]
    for origin in origins:
        origin["S3OriginConfig"] = {"OriginAccessIdentity": ""}
    configuration = {
        "CallerReference": name,
        "Comment": asked["Comment"],
        "Enabled": True,
        "Origins": {"Quantity": len(origins), "Items": origins},
        "DefaultCacheBehavior": behaviour,
    }
    made = client("cloudfront").create_distribution(DistributionConfig=configuration)["Distribution"]
    return made["Id"], {"DomainName": made["DomainName"], "Id": made["Id"]}


def drop_page(name: str, given: Properties) -> None:
    cloudfront = client("cloudfront")
    cloudfront.delete_distribution(Id=name, IfMatch=cloudfront.get_distribution(Id=name)["ETag"])


def make_alarm(name: str, given: Properties) -> Made:
    client("cloudwatch").put_metric_alarm(AlarmName=name, **given)
    return name, {"Arn": f"arn:aws:cloudwatch:{REGION.get()}:{ACCOUNT}:alarm:{name}"}


def make_filter(name: str, given: Properties) -> Made:
    metrics = [
        {key[0].lower() + key[1:]: value for key, value in each.items()} for each in given["MetricTransformations"]
    ]
    client("logs").put_metric_filter(
        filterName=name,
        logGroupName=given["LogGroupName"],
        filterPattern=given["FilterPattern"],
        metricTransformations=metrics,
    )
    return name, {}


def make_bucket_policy(name: str, given: Properties) -> Made:
    """Without denials: moto reads no conditions, and would deny everything because of the one that wants TLS."""
    allowed = [each for each in given["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    if allowed:
        policy = {**given["PolicyDocument"], "Statement": allowed}
        client("s3").put_bucket_policy(Bucket=given["Bucket"], Policy=json.dumps(policy))
    return f"{given['Bucket']}-policy", {}


def make_build(name: str, given: Properties) -> Made:
    asked = {key[0].lower() + key[1:]: given[key] for key in ("Name", "ServiceRole")}
    camel = json.loads(json.dumps(given).replace('"Name":', '"name":').replace('"Value":', '"value":'))
    client("codebuild").create_project(
        **asked,
        source={"type": "S3", "location": given["Source"]["Location"]},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "ARM_CONTAINER",
            "computeType": "BUILD_GENERAL1_SMALL",
            "image": given["Environment"]["Image"],
            "environmentVariables": camel["Environment"]["EnvironmentVariables"],
        },
    )
    return str(given["Name"]), {}


def make_budget(name: str, given: Properties) -> Made:
    asked = json.loads(json.dumps(given["Budget"]))
    asked["BudgetLimit"]["Amount"] = str(asked["BudgetLimit"]["Amount"])
    client("budgets").create_budget(AccountId=ACCOUNT, Budget=asked)
    return asked["BudgetName"], {}


def make_subscription(name: str, given: Properties) -> Made:
    return client("sns").subscribe(**given)["SubscriptionArn"], {}


def make_id(name: str, given: Properties) -> Made:
    """For what moto knows nothing of."""
    return str(uuid.uuid4()), {}


KINDS = (
    Kind(
        "Cognito::UserPool",
        make_pool,
        lambda name, _: client("cognito-idp").delete_user_pool(UserPoolId=name),
        attributes=("Arn",),
    ),
    Kind(
        "Cognito::UserPoolDomain",
        make_domain,
        drop_domain,
    ),
    Kind("Cognito::ManagedLoginBranding", make_id),
    Kind(
        "Cognito::UserPoolClient",
        make_page_client,
        lambda name, given: client("cognito-idp").delete_user_pool_client(
            ClientId=name, UserPoolId=given["UserPoolId"]
        ),
    ),
    Kind("ApiGatewayV2::Api", make_socket_api, lambda name, _: client("apigatewayv2").delete_api(ApiId=name)),
    Kind(
        "CloudFront::OriginAccessControl",
        make_access,
        lambda name, _: client("cloudfront").delete_origin_access_control(
            Id=name, IfMatch=client("cloudfront").get_origin_access_control(Id=name)["ETag"]
        ),
        attributes=("Id",),
    ),
    Kind("CloudFront::ResponseHeadersPolicy", make_id),
    Kind("CloudFront::Distribution", make_page, drop_page, attributes=("DomainName", "Id")),
    Kind(
        "CloudWatch::Alarm",
        make_alarm,
        lambda name, _: client("cloudwatch").delete_alarms(AlarmNames=[name]),
        attributes=("Arn",),
    ),
    Kind(
        "Logs::MetricFilter",
        make_filter,
        lambda name, given: client("logs").delete_metric_filter(logGroupName=given["LogGroupName"], filterName=name),
    ),
    Kind("S3::BucketPolicy", make_bucket_policy),
    Kind("CodeBuild::Project", make_build, lambda name, _: client("codebuild").delete_project(name=name)),
    Kind(
        "Budgets::Budget",
        make_budget,
        lambda name, _: client("budgets").delete_budget(AccountId=ACCOUNT, BudgetName=name),
    ),
    Kind("SNS::Subscription", make_subscription, lambda name, _: client("sns").unsubscribe(SubscriptionArn=name)),
)


class Model:
    """What moto wants to know of a type, from its kind."""

    kind: ClassVar[Kind]

    def __init__(self, name: str, attributes: Mapping[str, str], given: Properties) -> None:
        self.physical_resource_id, self.attributes, self.given = name, attributes, given

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return cls.kind.named_by

    @classmethod
    def cloudformation_type(cls) -> str:
        return f"AWS::{cls.kind.name}"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in cls.kind.attributes

    def get_cfn_attribute(self, attribute: str) -> str:
        return self.attributes[attribute]

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Properties, account_id: str, region_name: str, **_: Any
    ) -> Model:
        REGION.set(region_name)
        given = cloudformation_json["Properties"]
        return cls(*cls.kind.create(resource_name, given), given)

    @classmethod
    def update_from_cloudformation_json(cls, original_resource: Model, *_: Any, **__: Any) -> Model:
        return original_resource

    def delete(self, account_id: str, region: str) -> None:
        REGION.set(region)
        if self.kind.delete:
            self.kind.delete(self.physical_resource_id, self.given)

    def is_created(self) -> bool:
        return True


def model_of(kind: Kind) -> type[CloudFormationModel]:
    """moto finds the direct subclasses of CloudFormationModel by itself, and takes the service from the module."""
    service, _, name = kind.name.partition("::")
    body = {"kind": kind, "__module__": f"account.{service.lower()}.models"}
    return type(name, (Model, CloudFormationModel), body)


MODELS: list[type[CloudFormationModel]] = []  # held, so that they stay subclasses


def install() -> None:
    MODELS.extend(model_of(kind) for kind in KINDS)
