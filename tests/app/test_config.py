"""The environment of the Lambda functions: what is wrong is said with key, value and what was wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.config import LOCAL_USER_POOL, AppConfig, number, user_pool_arn
from chalicelib.errors import ConfigError
from tests.fakes.world import SETTINGS

ENVIRON = {
    "STAGE": "test",
    "S3_DATA_BUCKET": "bucket",
    "ECS_CLUSTER_ARN": "cluster",
    "TASK_DEFINITION_ARN": "definition",
    "SUBNET_IDS": "subnet",
    "SECURITY_GROUP_IDS": "group",
    "WEBSOCKET_CALLBACK_URL": "http://127.0.0.1:1",
    "WEB_ORIGIN": "https://agent.example",
}


def test_what_has_a_default_need_not_be_set() -> None:
    assert AppConfig.from_env(ENVIRON) == replace(SETTINGS, table_prefix="serverless-openclaw-test-")


def test_what_is_set_wins() -> None:
    settings = AppConfig.from_env(
        {
            **ENVIRON,
            "DYNAMODB_TABLE_PREFIX": "mine-",
            "INACTIVITY_TIMEOUT_MINUTES": "0.5",
            "SUBNET_IDS": "a, b,",
            "LLM_MODEL": "openai/gpt-5.4",
            "LOG_LEVEL": "DEBUG",
        }
    )
    assert (settings.table_prefix, settings.idle, settings.subnet_ids) == ("mine-", timedelta(seconds=30), ("a", "b"))
    assert (settings.llm_model, settings.log_level) == ("openai/gpt-5.4", "DEBUG")


@pytest.mark.parametrize("key", ENVIRON)
def test_what_is_missing_is_named(key: str) -> None:
    for environ in ({**ENVIRON, key: ""}, {name: value for name, value in ENVIRON.items() if name != key}):
        with pytest.raises(ConfigError, match=f"{key} is not set"):
            AppConfig.from_env(environ)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("AGENT_RUNTIME", "moon", "AGENT_RUNTIME is 'moon', wanted one of fargate, lambda, both"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud', wanted one of INFO, DEBUG, WARNING, ERROR"),
        ("INACTIVITY_TIMEOUT_MINUTES", "soon", "INACTIVITY_TIMEOUT_MINUTES is 'soon', wanted minutes above 0"),
        ("INACTIVITY_TIMEOUT_MINUTES", "-1", "wanted minutes above 0"),
        ("INACTIVITY_TIMEOUT_MINUTES", "nan", "wanted minutes above 0"),
        ("INACTIVITY_TIMEOUT_MINUTES", "1e99", "wanted minutes above 0"),
    ],
)
def test_what_is_wrong_is_told_with_what_was_wanted(key: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        AppConfig.from_env({**ENVIRON, key: value})


def test_a_number_is_a_whole_number() -> None:
    assert number({}, "PORT", 8787) == 8787
    assert number({"PORT": "80"}, "PORT", 8787) == 80
    with pytest.raises(ConfigError, match="PORT is '-1', wanted a whole number from 0"):
        number({"PORT": "-1"}, "PORT", 8787)


def test_the_user_pool_is_needed_only_where_there_is_one() -> None:
    assert user_pool_arn({}) == LOCAL_USER_POOL
    assert user_pool_arn({"USER_POOL_ARN": "arn:aws:cognito-idp:x"}) == "arn:aws:cognito-idp:x"
