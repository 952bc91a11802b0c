"""The whole way: the real app by the real `chalice deploy`, invoked through REST and sockets, and all torn down."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain.notes import NO_CAPACITY, start_refused
from chalicelib.domain.refusals import TEMPLATES
from infra.chalice import ROLES
from infra.commands.destroy import destroy
from infra.commands.doctor import doctor, status
from infra.survey import facts
from tests.fakes.http import HttpServer
from tests.infra.driver import EMAIL, KEY, PYTHON, Driver
from tests.infra.events import SCHEDULED, rest, socket
from tests.infra.leftovers import left_behind
from tests.infra.templates import resources

USER = "c0ffee00-1111-4222-8333-444455556666"
TALK, TURN = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


@pytest.fixture(scope="module")
def driver(deployed: Driver) -> Driver:
    return replace(deployed, rests=False)


@pytest.fixture
def outputs(driver: Driver) -> dict[str, str]:
    return driver.context("status").outputs()


def call(driver: Driver, method: str, path: str, **fields: Any) -> Any:
    """As API Gateway would: by the API's own routes, to the function that they name."""
    apis = driver.account.client("apigateway")
    api = driver.context("status").outputs()["RestApiId"]
    (resource,) = [each for each in apis.get_resources(restApiId=api, limit=500)["items"] if each["path"] == path]
    integration = resource["resourceMethods"][method]["methodIntegration"]
    answer = driver.account.invoke(function_of(integration["uri"]), rest(method, path, USER, fields))
    assert answer["statusCode"] == 200, answer
    return json.loads(answer["body"])


def route(driver: Driver, key: str, **event: Any) -> Any:
    apis = driver.account.client("apigatewayv2")
    api = driver.context("status").outputs()["SocketApiId"]
    (found,) = [each for each in apis.get_routes(ApiId=api)["Items"] if each["RouteKey"] == key]
    integration = found["Target"].partition("/")[2]
    uri = apis.get_integration(ApiId=api, IntegrationId=integration)["IntegrationUri"]
    return driver.account.invoke(function_of(uri), {**socket(key), **event})


def function_of(uri: str) -> str:
    found = re.search(r"functions/(?:arn:aws:lambda:[^/]*:)?([\w-]+)/invocations", uri)
    assert found, uri
    return found[1]


def test_a_message_goes_through_the_deployed_functions(
    driver: Driver, outputs: dict[str, str], sockets: HttpServer
) -> None:
    """Ticket by REST, socket with it, message in it: an ack is pushed and a task is asked for."""
    ticket = call(driver, "POST", "/tickets")["ticket"]
    headers = {"Sec-WebSocket-Protocol": f"openclaw.v1, ticket.{ticket}", "Origin": outputs["Address"]}
    assert route(driver, "$connect", headers=headers)["statusCode"] == 200
    frame = {"type": "send", "id": TURN, "conversationId": TALK, "text": "Hello"}
    route(driver, "$default", body=json.dumps(frame))
    pushed = [json.loads(body) for _, _, body in sockets.asked]
    assert {"type": "ack", "id": TURN, "conversationId": TALK, "seq": 1}.items() <= pushed[0].items()
    assert call(driver, "GET", "/status")["pending"] == 1
    (task,) = driver.context("status").aws.tasks.running("serverless-openclaw-dev")
    assert USER in task.started_by
    route(driver, "$disconnect")


def test_the_watchdog_runs_each_minute(driver: Driver) -> None:
    events = driver.account.client("events")
    assert events.describe_rule(Name="serverless-openclaw-dev-watchdog-event")["ScheduleExpression"] == "rate(1 minute)"
    (target,) = events.list_targets_by_rule(Rule="serverless-openclaw-dev-watchdog-event")["Targets"]
    driver.account.invoke(target["Arn"].rpartition(":")[2], SCHEDULED)


def test_every_function_has_its_own_role_its_size_and_no_secret(driver: Driver, outputs: dict[str, str]) -> None:
    functions = driver.account.client("lambda").list_functions()["Functions"]
    assert {each["Role"] for each in functions} == {outputs[role] for role in ROLES.values()}
    assert {tuple(each["Architectures"]) for each in functions} == {("arm64",)}
    assert all(each["Timeout"] <= 58 for each in functions)
    assert KEY not in json.dumps(functions, default=str)


def test_the_models_key_is_a_secret_of_ssm_and_nowhere_else(driver: Driver) -> None:
    ssm = driver.account.client("ssm")
    place = "/serverless-openclaw/dev/secrets/anthropic-api-key"
    assert ssm.describe_parameters()["Parameters"][0]["Type"] == "SecureString"
    assert ssm.get_parameter(Name=place, WithDecryption=True)["Parameter"]["Value"] == KEY
    assert KEY not in driver.words
    assert KEY not in (driver.checkout / ".chalice" / "config.json").read_text()
    assert KEY not in str(driver.ran)


def test_the_task_runs_the_image_that_was_pushed_and_is_given_no_key(driver: Driver) -> None:
    context = driver.context("status")
    (image,) = context.aws.registry.images("serverless-openclaw-dev")
    ecs = driver.account.client("ecs")
    definition = ecs.describe_task_definition(taskDefinition="serverless-openclaw-dev")["taskDefinition"]
    bridge, agent = definition["containerDefinitions"]
    assert bridge["image"].endswith(f"@{image.digest}")
    assert (bridge.get("secrets", []), agent.get("secrets", [])) == ([], [])


def test_the_page_is_uploaded_with_its_configuration_and_its_caching(driver: Driver, outputs: dict[str, str]) -> None:
    s3 = driver.account.client("s3")
    found = {key: s3.get_object(Bucket=outputs["PageBucket"], Key=key) for key in ("config.json", "index.html")}
    asset = s3.head_object(Bucket=outputs["PageBucket"], Key="assets/index-abc123.js")
    assert "immutable" in asset["CacheControl"]
    assert {each["CacheControl"] for each in found.values()} == {"no-cache"}
    config = json.load(found["config.json"]["Body"])
    assert (config["socket"], config["oidc"]["clientId"]) == (outputs["SocketUrl"], outputs["PageClientId"])


def test_one_stage_cannot_use_up_what_the_account_may_ask(driver: Driver, outputs: dict[str, str]) -> None:
    stage = driver.account.client("apigateway").get_stage(restApiId=outputs["RestApiId"], stageName="api")
    settings = {key.replace("~1", "/").lstrip("/"): each for key, each in stage["methodSettings"].items()}
    rates = {method: each["throttlingRateLimit"] for method, each in settings.items()}
    assert (rates["*/*"], rates["telegram/POST"], rates["bridge/credentials/POST"]) == (50, 20, 20)
    socket_stage = driver.account.client("apigatewayv2").get_stage(ApiId=outputs["SocketApiId"], StageName="api")
    assert socket_stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 200
    assert socket_stage["RouteSettings"]["$connect"]["ThrottlingRateLimit"] == 20


def test_what_api_gateway_itself_refuses_has_our_shape(driver: Driver, outputs: dict[str, str]) -> None:
    """Also after a deploy that writes the API anew."""
    driver.deploy()
    apis = driver.account.client("apigateway")
    found = {each["responseType"]: each for each in apis.get_gateway_responses(restApiId=outputs["RestApiId"])["items"]}
    assert {kind: each["responseTemplates"] for kind, each in found.items()} == {
        kind: {"application/json": template} for kind, template in TEMPLATES.items()
    }
    assert not any("statusCode" in each for each in found.values()), "of a default it would be everybody's"


def test_the_networks_zones_are_those_of_the_driver(driver: Driver) -> None:
    stack = driver.context("status").aws.stacks.find("serverless-openclaw-dev")
    assert stack
    found = driver.account.client("ec2").describe_subnets()["Subnets"]
    ours = {each["AvailabilityZone"] for each in found if each["CidrBlock"].startswith("10.0.")}
    assert stack.parameters["Zones"] == ",".join(sorted(ours)) == "us-east-1a,us-east-1b"


def test_the_owner_is_invited_once(driver: Driver, outputs: dict[str, str]) -> None:
    assert driver.context("status").aws.users.emails(outputs["UserPoolId"]) == [EMAIL]


def test_the_invitation_names_the_page(driver: Driver, outputs: dict[str, str]) -> None:
    base = driver.context("status").aws.stacks.find("serverless-openclaw-dev-base")
    assert base and base.parameters["Address"] == outputs["Address"]
    asked = resources()["UserPool"]["Properties"]["AdminCreateUserConfig"]["InviteMessageTemplate"]["Fn::If"]
    message = asked[1]["EmailMessage"]["Fn::Sub"]
    assert asked[0] == "HasAddress"
    assert all(each in message for each in ('href="${Address}"', "{username}", "{####}"))


def test_a_network_keeps_its_zones_also_one_that_was_made_without(driver: Driver) -> None:
    """Else each subnet would be made anew, in the zones of today."""
    context = driver.context("deploy")
    assert "Zones" not in facts(context).wanted


def test_a_second_deploy_changes_nothing_and_asks_nothing(driver: Driver, outputs: dict[str, str]) -> None:
    driver.deploy()
    assert driver.context("status").outputs() == outputs
    assert sum("docker push" in each for each in driver.ran) == 1


def test_what_chalice_knew_comes_back_from_the_bucket(driver: Driver) -> None:
    """As on another machine, or after `git clean`."""
    deployed = driver.checkout / ".chalice" / "deployed" / "dev.json"
    before = deployed.read_text()
    deployed.unlink()
    driver.deploy()
    assert deployed.read_text() == before


def test_the_doctor_finds_nothing_that_keeps_it_from_working(driver: Driver) -> None:
    doctor(driver.context("doctor"), PYTHON)
    assert "Nothing is wrong" in driver.words


def test_the_doctor_tells_why_aws_starts_no_machine(driver: Driver) -> None:
    table, key = "serverless-openclaw-dev-TaskState", {"userId": {"S": "somebody"}}
    dynamodb = driver.account.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={**key, "note": {"S": start_refused("The vCPU limit is 0.")}})
    dynamodb.put_item(TableName=table, Item={"userId": {"S": "another"}, "note": {"S": NO_CAPACITY}})
    doctor(driver.context("doctor"), PYTHON)
    for user_id in ("somebody", "another"):
        dynamodb.delete_item(TableName=table, Key={"userId": {"S": user_id}})
    assert "somebody: AWS does not start the machine: The vCPU limit is 0." in driver.words
    assert "another" not in driver.words


def test_a_change_that_was_taken_back_sends_nobody_round_and_round(driver: Driver) -> None:
    """A deploy of the same has nothing to change, so that the stack stays as it is: it works as before."""
    context = driver.context("doctor")
    find = context.aws.stacks.find
    taken_back = SimpleNamespace(
        find=lambda name: (
            (stack := find(name)) and replace(stack, status="UPDATE_ROLLBACK_COMPLETE", reason="Too much")
        ),
        events=lambda name, known=(): [],
    )
    vars(context.aws)["stacks"] = taken_back
    doctor(context, PYTHON)
    assert "serverless-openclaw-dev was refused and taken back. Too much" in driver.words


def test_status_tells_the_address(driver: Driver, outputs: dict[str, str]) -> None:
    status(driver.context("status"))
    assert outputs["Address"] in driver.words


def test_destroy_keeps_data_and_a_deploy_after_it_finds_it(driver: Driver, outputs: dict[str, str]) -> None:
    destroy(driver.context("destroy", "--yes"))
    context = driver.context("status")
    assert context.aws.stacks.find(context.names.stack) is None
    assert driver.account.client("lambda").list_functions()["Functions"] == []
    assert len(context.aws.tables.existing(context.names.tables)) == 6
    assert "Kept" in driver.words
    driver.deploy()
    after = driver.context("status").outputs()
    assert (after["UserPoolId"], after["DataBucket"]) == (outputs["UserPoolId"], outputs["DataBucket"])
    assert call(driver, "GET", "/status")["pending"] == 1


def test_destroy_with_its_data_leaves_nothing(driver: Driver) -> None:
    destroy(driver.context("destroy", "--yes", "--delete-data"))
    assert "\n".join(left_behind(driver.account)) == ""
