"""Secrets, doctor and logs; and that nothing is done where nobody can be asked."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from infra import source
from infra.__main__ import ROOT, guarded, start
from infra.commands.destroy import destroy
from infra.commands.doctor import doctor, logs, status
from infra.commands.secrets import secrets
from infra.commands.upgrade import upgrade
from infra.console import Console
from infra.errors import BuildFailed, DriverError
from infra.executor import perform
from infra.plan import BuildImage, PutStack, SetWebhook
from infra.steps.image import build_image
from infra.steps.stack import put_stack
from infra.steps.verify import verify
from tests.infra.driver import KEY, PYTHON, Account, Driver, deploy


@pytest.fixture(scope="module")
def driver(account: Account, checkout: Path) -> Driver:
    return Driver(account, checkout)


def test_a_secret_is_asked_for_stored_listed_and_removed_but_never_said(driver: Driver) -> None:
    driver.secrets = [KEY, KEY]
    said = ["401 Unauthorized", ""]
    secrets(driver.context("secrets", "set", "openai-api-key"), lambda *_: said.pop(0))
    secrets(driver.context("secrets", "list"))
    assert "openai-api-key\n" in driver.words
    secrets(driver.context("secrets", "remove", "openai-api-key"))
    assert driver.context("status").aws.secrets.names() == []
    assert KEY not in driver.words


@pytest.mark.parametrize("words", [("set", "nonsense"), ("set",), ("read", "openai-api-key")])
def test_other_words_are_answered_with_what_is_possible(driver: Driver, words: tuple[str, ...]) -> None:
    with pytest.raises(DriverError, match="openai-api-key"):
        secrets(driver.context("secrets", *words))


def test_python_3_11_is_refused_before_anything_is_made(driver: Driver) -> None:
    with pytest.raises(DriverError, match="Nothing was done"):
        deploy(driver.context("deploy"), (3, 11))
    assert "Install Python 3.12" in driver.words
    assert driver.context("status").aws.stacks.find("serverless-openclaw-dev-base") is None


def test_where_nobody_can_be_asked_it_says_what_to_give(driver: Driver) -> None:
    context = driver.context("deploy")
    context.console = Console(io.StringIO(), interactive=False)
    with pytest.raises(DriverError, match="secrets set anthropic-api-key"):
        deploy(context)


def test_a_no_does_nothing(driver: Driver) -> None:
    driver.answers, driver.secrets = ["anthropic", "ada@example.com", "n"], [KEY, ""]
    with pytest.raises(DriverError, match="Nothing was done"):
        deploy(driver.context("deploy"))
    assert "A month costs about $0.05" in driver.words
    assert driver.context("status").aws.secrets.names() == []
    assert driver.context("status").aws.stacks.find("serverless-openclaw-dev-base") is None


def test_an_image_that_no_registry_has_is_missed_before_anything_is_made(driver: Driver) -> None:
    with pytest.raises(BuildFailed, match="does not answer"):
        deploy(driver.context("deploy", "--yes", "--image-from", "127.0.0.1:9/ada/it"))
    assert driver.context("status").aws.stacks.find("serverless-openclaw-dev-base") is None


def test_the_name_of_the_image_of_a_checkout_is_told_without_an_account() -> None:
    out = io.StringIO()
    start(["tag"], Console(out, interactive=False))
    assert out.getvalue() == f"{source.tag(ROOT)}\n"


def test_there_is_nothing_to_check_where_nothing_is_deployed(driver: Driver) -> None:
    with pytest.raises(DriverError, match="nothing to check of stage dev in us-east-1"):
        verify(driver.context("verify"))


def test_there_is_nothing_to_go_back_from_where_nothing_is_deployed(driver: Driver) -> None:
    with pytest.raises(DriverError, match="Nothing is deployed"):
        upgrade(driver.context("upgrade", "--rollback"))


def test_destroy_asks_first(driver: Driver) -> None:
    driver.answers = ["n"]
    with pytest.raises(DriverError, match="Nothing was done"):
        destroy(driver.context("destroy"))


def test_the_doctor_names_the_first_thing_that_is_missing(driver: Driver) -> None:
    with pytest.raises(DriverError, match="Something is wrong"):
        doctor(driver.context("doctor"), PYTHON)
    assert "There is no stack serverless-openclaw-dev-base" in driver.words


def test_status_and_logs_of_what_is_not_there(driver: Driver) -> None:
    status(driver.context("status"))
    logs(driver.context("logs"))
    assert "not there" in driver.words
    assert "Nothing was said" in driver.words


def test_without_docker_codebuild_gets_the_source(driver: Driver) -> None:
    context = driver.context("deploy")
    put_stack(context, PutStack(context.names.base, "base.yaml", {"Stage": "dev"}))
    with pytest.raises(DriverError, match="The image abc is not in the registry"):  # moto's build pushes nothing
        build_image(context, BuildImage("abc", "codebuild"))
    assert context.aws.buckets.has(context.outputs()["DataBucket"], "builds/abc.zip")


def test_a_bot_is_told_where_to_send_and_its_secret_stays_the_same(driver: Driver) -> None:
    context = driver.context("deploy")
    put_stack(context, PutStack(context.names.stack, "template.yaml", {"Stage": "dev"}))
    context.aws.secrets.put("telegram-bot-token", "1:token")
    perform(context, SetWebhook())
    (address, secret) = driver.telegram.webhooks["1:token"]
    assert address.endswith(".amazonaws.com/api/telegram")
    assert len(secret) >= 32
    perform(driver.context("deploy"), SetWebhook())
    assert driver.telegram.webhooks["1:token"] == (address, secret)
    assert secret not in driver.words


def test_an_error_that_nobody_foresaw_is_a_sentence_and_a_log(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("odd")

    out = io.StringIO()
    assert guarded(fail, Console(out, interactive=False), tmp_path / "make" / "log") == 1
    assert "ValueError: odd. Its details are in" in out.getvalue()
    assert "Traceback" not in out.getvalue()
    assert "Traceback" in (tmp_path / "make" / "log").read_text()


def test_the_config_comes_from_arguments_before_the_environment(driver: Driver) -> None:
    config = driver.context("deploy", "--region", "eu-west-1").config
    assert (config.region, config.names.stage) == ("eu-west-1", "dev")
    assert replace(config, yes=True).yes
