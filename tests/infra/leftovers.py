"""What is still in the account when everything should be gone."""

from __future__ import annotations

from tests.infra.driver import Account


def left_behind(account: Account) -> list[str]:
    """Whatever bills or holds something."""
    client = account.client
    stacks = client("cloudformation").describe_stacks()["Stacks"]
    pools = client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    clusters = client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])["clusters"]
    networks = [each for each in client("ec2").describe_vpcs()["Vpcs"] if not each["IsDefault"]]
    found = {
        "stacks": [each for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"],
        "tables": client("dynamodb").list_tables()["TableNames"],
        "buckets": client("s3").list_buckets()["Buckets"],
        "pools": pools,
        "functions": client("lambda").list_functions()["Functions"],
        "rules": client("events").list_rules()["Rules"],
        "APIs": client("apigateway").get_rest_apis()["items"] + client("apigatewayv2").get_apis()["Items"],
        "roles": [each for each in client("iam").list_roles()["Roles"] if "service-role" not in each["Path"]],
        "networks": networks,
        "clusters": [each for each in clusters if each["status"] != "INACTIVE"],
        "pages": client("cloudfront").list_distributions()["DistributionList"].get("Items", []),
        "repositories": client("ecr").describe_repositories()["repositories"],
        "secrets": client("ssm").describe_parameters()["Parameters"],
        "alarms": client("cloudwatch").describe_alarms()["MetricAlarms"],
        "logs": client("logs").describe_log_groups()["logGroups"],
    }
    return [f"{kind}: {things}" for kind, things in found.items() if things]
