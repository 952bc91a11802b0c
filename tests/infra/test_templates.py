"""The templates: the tables the code knows, defaults for one person. cfn-lint reads them in `make check`."""

from __future__ import annotations

import inspect
import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import middleware
from chalicelib.adapters.s3 import PASSES
from chalicelib.adapters.tables import definition
from chalicelib.config import AppConfig
from chalicelib.domain.cost import ALARMS
from chalicelib.domain.failures import INTERNAL
from chalicelib.domain.inbox import POISONED
from chalicelib.domain.models import PROVIDERS
from chalicelib.domain.signals import MEASURES, NAMESPACE, Event
from chalicelib.store import Table
from chalicelib.tables.inbox import REMEMBER
from container.bridge.config import BridgeConfig
from infra.chalice import adopt, environment, fill
from infra.names import StageNames
from tests.infra.templates import INFRA, NAMES, resources, template

LARGEST = 51_200  # bytes that CloudFormation takes without a bucket


@pytest.mark.parametrize("name", NAMES)
def test_a_template_can_be_sent_as_it_is(name: str) -> None:
    assert (INFRA / f"{name}.yaml").stat().st_size <= LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_a_default(name: str) -> None:
    assert all("Default" in each for each in template(name)["Parameters"].values())


def test_the_tables_are_those_that_the_code_knows() -> None:
    made = {key: each["Properties"] for key, each in resources().items() if each["Type"] == "AWS::DynamoDB::Table"}
    assert set(made) == {table.value for table in Table}
    for table in Table:
        wanted = definition(table, "serverless-openclaw-${Stage}-")
        wanted["TableName"] = {"Fn::Sub": wanted["TableName"]}
        assert {key: made[table.value].get(key) for key in wanted} == wanted


@pytest.mark.parametrize("table", list(Table))
def test_a_table_outlives_its_stack_and_can_go_back_in_time(table: Table) -> None:
    resource: dict[str, Any] = resources()[table.value]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"
    assert resource["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert resource["Properties"]["TimeToLiveSpecification"]["AttributeName"] == "expiresAt"


def test_what_people_said_and_who_they_are_outlives_the_stack() -> None:
    kept = {key for key, each in resources().items() if each.get("DeletionPolicy") == "RetainExceptOnCreate"}
    assert kept == {"DataBucket", "UserPool", *(table.value for table in Table)}


def test_buckets_are_private_encrypted_and_answer_with_tls_only() -> None:
    for bucket in ("DataBucket", "PageBucket"):
        properties = resources()[bucket]["Properties"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert "BucketEncryption" in properties
        assert "aws:SecureTransport" in str(resources()[f"{bucket}Policy"])


def test_the_bridge_can_start_with_what_its_container_is_told() -> None:
    bridge, _ = resources()["AgentTask"]["Properties"]["ContainerDefinitions"]
    told = {each["Name"]: "15" for each in bridge["Environment"]}
    by_image = {"STATE_DIR": "/state/openclaw", "CONTROL_DIR": "/control"}
    by_task = {"USER_ID": "ada", "EPOCH": "1", "BRIDGE_KEY": "ab" * 32}
    assert BridgeConfig.from_env({**told, **by_image, **by_task}).user_id == "ada"


def test_no_container_is_started_with_a_models_key() -> None:
    """The bridge reads it when a call is made; the agent never does."""
    bridge, agent = resources()["AgentTask"]["Properties"]["ContainerDefinitions"]
    assert ("Secrets" in bridge, "Secrets" in agent) == (False, False)
    told = {each["Name"] for each in (*bridge["Environment"], *agent["Environment"])}
    assert not told & {each.key for each in PROVIDERS.values()}


def test_nothing_of_a_functions_environment_is_missing() -> None:
    assert AppConfig.from_env(environment(StageNames("dev"), outputs())).stage == "dev"


def test_chalice_gets_a_role_for_each_function() -> None:
    config = json.loads((INFRA.parent / ".chalice" / "config.json").read_text())
    stage = fill(config, StageNames("dev"), outputs())["stages"]["dev"]
    assert set(stage["lambda_functions"]) == set(config["lambda_functions"])
    roles = [each["iam_role_arn"] for each in stage["lambda_functions"].values()]
    assert len(set(roles)) == len(roles)


def test_no_secret_is_in_a_functions_environment() -> None:
    names = environment(StageNames("dev"), outputs())
    assert not [name for name in names if "KEY" in name or "TOKEN" in name or "SECRET" in name]


def test_chalice_finds_the_apis_of_the_stack_and_keeps_what_else_it_knew() -> None:
    known = {"resources": [{"name": "watchdog"}, {"name": "rest_api", "rest_api_id": "orphan"}]}
    adopted = {each["name"]: each for each in adopt(known, outputs())["resources"]}
    assert adopted["rest_api"]["rest_api_id"] == outputs()["RestApiId"]
    assert adopted["websocket_api"]["websocket_api_id"] == outputs()["SocketApiId"]
    assert "watchdog" in adopted


def test_what_chalice_knows_of_the_stacks_apis_stays() -> None:
    known = {"resources": [{"name": "rest_api", "rest_api_id": outputs()["RestApiId"], "rest_api_url": "https://…"}]}
    assert known["resources"][0] in adopt(known, outputs())["resources"]


def outputs() -> dict[str, str]:
    named = {name: f"value-of-{name}" for each in NAMES for name in template(each)["Outputs"]}
    return {**named, "IdleMinutes": "15"}


def test_alarms_count_what_the_code_counts_and_the_bill_counts_them() -> None:
    alarms = [each["Properties"] for each in resources().values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    own = [each for each in alarms if NAMESPACE in str(each["Namespace"]) and "Dimensions" in each]
    counted = {(measure.count, measure.by) for measure in MEASURES.values()}
    assert {(each["MetricName"], each["Dimensions"][0]["Name"]) for each in own} <= counted
    outcomes = {each["Dimensions"][0]["Value"] for each in own if each["MetricName"] == "Turns"}
    assert outcomes == {POISONED.code, INTERNAL.code}
    assert len(alarms) == ALARMS


def test_a_stage_hears_of_its_own_rest_errors_alone() -> None:
    """By words of ours and Lambda's in the log of its function."""
    found, alarm = (resources()[name]["Properties"] for name in ("ApiFailures", "ApiErrors"))
    assert found["LogGroupName"] == resources()["ApiLog"]["Properties"]["LogGroupName"]
    (made,) = found["MetricTransformations"]
    assert (made["MetricName"], made["MetricNamespace"]) == (alarm["MetricName"], alarm["Namespace"])
    assert "is answered with 5" in found["FilterPattern"]
    assert "is answered with %d" in inspect.getsource(middleware)
    assert "ApiName" not in str(resources())


def test_uploads_pass_by_the_tag_that_their_form_gives_them() -> None:
    rules = resources()["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (each for each in rules if "TagFilters" in each)
    (tag,) = rule["TagFilters"]
    assert f"<Key>{tag['Key']}</Key><Value>{tag['Value']}</Value>" in PASSES
    assert timedelta(days=rule["ExpirationInDays"]) >= REMEMBER


def test_old_versions_end_and_the_markers_of_deletions_with_them() -> None:
    """S3 takes no expiry by days or by tags in the rule that removes markers."""
    rules = resources()["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = [each for each in rules if each.get("ExpiredObjectDeleteMarker")]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert not {"Prefix", "TagFilters", "ExpirationInDays"} & set(rule)


def test_nothing_ends_the_texts_of_a_history() -> None:
    rules = resources()["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = [each for each in rules if "ExpirationInDays" in each]
    assert all("TagFilters" in each or each["Prefix"] in ("builds/", "downloads/") for each in expiring)


@pytest.mark.parametrize("directive", ["connect-src", "img-src", "media-src"])
def test_the_page_may_reach_the_bucket_with_its_uploads_and_the_files_of_its_answers(directive: str) -> None:
    headers = resources()["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0]
    (allowed,) = (part for part in policy.split(";") if part.strip().startswith(directive))
    assert "https://${DataBucket}.s3.${AWS::Region}.${AWS::URLSuffix}" in allowed


@pytest.mark.parametrize(
    "directive",
    [
        *("default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'none'"),
        *("frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types dompurify"),
    ],
)
def test_the_page_names_what_it_may(directive: str) -> None:
    headers = resources()["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0]
    assert directive in [" ".join(each.split()) for each in policy.split(";")]
    assert "unsafe" not in policy


def test_every_answer_of_the_pages_address_has_the_small_headers() -> None:
    config = resources()["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert security["FrameOptions"]["FrameOption"] == "DENY"
    assert {"ContentTypeOptions"} <= set(security)
    custom = {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]}
    assert custom["Cross-Origin-Opener-Policy"] == custom["Cross-Origin-Resource-Policy"] == "same-origin"
    assert all(f"{feature}=()" in custom["Permissions-Policy"] for feature in ("camera", "microphone", "geolocation"))
    page = resources()["Page"]["Properties"]["DistributionConfig"]
    for behavior in (page["DefaultCacheBehavior"], *page["CacheBehaviors"]):
        assert behavior["ResponseHeadersPolicyId"] == {"Ref": "PageHeaders"}


def test_a_page_posts_to_the_bucket_and_reads_nothing_there_by_a_program() -> None:
    (rule,) = resources()["DataBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST"]


def test_nothing_that_the_agent_needs_stands_beside_what_an_account_may_refuse() -> None:
    types = {each["Type"] for each in template("alarms")["Resources"].values()} - {"AWS::Logs::MetricFilter"}
    kinds = {each.split("::")[1] for each in types}
    assert kinds == {"SNS", "CloudWatch", "Budgets"}
    assert not kinds & {each["Type"].split("::")[1] for each in template("template")["Resources"].values()}
    assert "ImportValue" not in str(template("alarms"))


def test_cloudfront_keeps_no_error() -> None:
    """By itself it answers for ten seconds with what the API has refused once."""
    rules = resources()["Page"]["Properties"]["DistributionConfig"]["CustomErrorResponses"]
    assert {rule["ErrorCode"] for rule in rules} == {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    assert {rule["ErrorCachingMinTTL"] for rule in rules} == {0}


def test_a_watchdog_that_does_not_run_a_socket_that_does_not_open_and_a_failed_backup_are_heard() -> None:
    alarms = {key: each["Properties"] for key, each in resources().items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    silent = alarms["WatchdogSilent"]
    assert (silent["MetricName"], silent["ComparisonOperator"]) == ("Invocations", "LessThanThreshold")
    assert silent["TreatMissingData"] == "breaching"  # a function that is gone has no invocations at all
    assert "websocket_connect" in str(alarms["ConnectErrors"]["Dimensions"])
    assert alarms["FailedBackups"]["Dimensions"] == [{"Name": "outcome", "Value": "failed"}]
    assert all(each["AlarmActions"] for each in alarms.values())


def test_a_watchdog_that_fails_or_that_ecs_does_not_answer_for_a_quarter_of_an_hour_is_heard() -> None:
    """By its log: a sweep that does not happen is no error of the function."""
    found, alarm = (resources()[name]["Properties"] for name in ("WatchdogFailures", "WatchdogErrors"))
    assert found["LogGroupName"] == resources()["WatchdogLog"]["Properties"]["LogGroupName"]
    assert f'"{Event.WATCHDOG_SKIPPED.value}"' in found["FilterPattern"]
    assert '"[ERROR]"' in found["FilterPattern"]
    (made,) = found["MetricTransformations"]
    assert (made["MetricName"], made["MetricNamespace"]) == (alarm["MetricName"], alarm["Namespace"])
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 900
    assert alarm["Threshold"] <= 4, "it runs each minute, and one of five may slip into the next period"
