"""A deployment's whole life where everything breaks once: two regions, three stages, nothing left, nothing untrue said.

One story for each case; each run begins where the one before has broken.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from infra import source
from infra.__main__ import guarded
from infra.commands.destroy import destroy
from infra.commands.upgrade import upgrade
from infra.context import StepContext
from infra.conversation import Talk
from infra.errors import AwsError, BuildFailed, CheckFailed, DriverError
from tests.infra.conftest import NOBODY, asked, copied, fill
from tests.infra.driver import EMAIL, KEY, Account, Driver, deploy
from tests.infra.faults import Fault, break_at
from tests.infra.leftovers import left_behind

CASES = (
    pytest.param("eu-west-1", "lab7", 6, id="some"),
    pytest.param("eu-west-1", "lab7", 1, id="eu-west-1 lab7", marks=pytest.mark.soak),
    pytest.param("us-east-1", "dev", 1, id="us-east-1 dev", marks=pytest.mark.soak),
    pytest.param("eu-west-1", "prod", 1, id="eu-west-1 prod", marks=pytest.mark.soak),
)
COMMANDS: dict[str, Callable[[StepContext], None]] = {
    "deploy": deploy,
    "upgrade": upgrade,
    "destroy": destroy,
}
FAILED, STOPPED, WELL = 1, 130, 0
LOST = AwsError("Connect timeout on endpoint URL")
THROTTLED = AwsError("Rate exceeded", "ThrottlingException")
DENIED = AwsError("User is not authorized", "AccessDenied")
DISK = BuildFailed("no space left on device")
CHALICE = DriverError("chalice ended with 1")
CONTROL_C = KeyboardInterrupt()
DEPLOYING = (
    Fault("distributions", "try_out", CONTROL_C, after=True),
    Fault("secrets", "put", LOST),
    Fault("secrets", "put", CONTROL_C, after=True),
    Fault("stacks", "create", THROTTLED),
    Fault("stacks", "create", LOST, after=True),  # CloudFormation has begun, and the answer is lost
    Fault("stacks", "create", LOST),  # of the second stack: the first is there
    Fault("stacks", "create", CONTROL_C, after=True),
    Fault("registry", "password", DENIED),
    Fault("programs", "run", DISK),  # the build
    Fault("programs", "run", DISK, call=3),  # the push
    Fault("programs", "run", CONTROL_C, call=3, after=True),
    Fault("stacks", "update", THROTTLED, call=2),  # which gives the second stack its image
    Fault("stacks", "update", CONTROL_C, call=2, after=True),
    Fault("programs", "chalice", CHALICE),
    Fault("programs", "chalice", CONTROL_C, after=True),
    Fault("apis", "publish", THROTTLED),
    Fault("apis", "publish", CONTROL_C, after=True),
    Fault("buckets", "put", LOST, call=3),
    Fault("distributions", "refresh", THROTTLED),
    Fault("distributions", "refresh", CONTROL_C, after=True),
    Fault("stacks", "create", CONTROL_C, after=True),  # of the alarms
    Fault("telegram", "set", DriverError("Telegram does not answer")),
    Fault("telegram", "set", CONTROL_C, after=True),
    Fault("users", "invite", LOST, after=True),
    Fault("users", "sign_in", CONTROL_C),  # in the check
)
DESTROYING = (
    Fault("functions", "drop_timer", LOST, after=True),
    Fault("functions", "delete", CONTROL_C, call=3),
    Fault("tasks", "running", LOST),
    Fault("stacks", "delete", CONTROL_C, after=True),
    Fault("registry", "empty", LOST),
)
FORGETTING = (
    Fault("buckets", "delete", CONTROL_C, after=True),
    Fault("users", "drop_pool", LOST),
    Fault("users", "drop_pool", CONTROL_C, after=True),
    Fault("tables", "delete", LOST, call=3, after=True),
    Fault("secrets", "delete", CONTROL_C, after=True),
    Fault("stacks", "delete", CONTROL_C),  # of the base stack, the last thing
)


def content(*_: object) -> None:
    """The agent does what it should."""


def discontent(*_: object) -> None:
    raise CheckFailed("it does not remember")


@dataclass
class Life:
    """One deployment, by one command after the other."""

    driver: Driver
    every: int  # of how many faults one happens

    def run(self, *words: str, fault: Fault | None = None, talk: Talk = content) -> tuple[int, str]:
        """As `python -m infra` would: the exit code, and what it said."""
        before, context = len(self.driver.words), self.driver.context(*words)
        context.talk = talk
        if fault:
            break_at(context, fault)
        code = guarded(lambda: COMMANDS[words[0]](context), context.console, self.log)
        assert not self.log.exists(), self.log.read_text()
        return code, self.driver.words[before:]

    def deploy(self, fault: Fault | None = None, talk: Talk = content) -> tuple[int, str]:
        return self.run("deploy", "--yes", "--email", EMAIL, fault=fault, talk=talk)

    def broken(self, fault: Fault, *words: str) -> str:
        """What a run said that ended as `fault` wanted it."""
        code, said = self.run(*words, fault=fault)
        assert code == (STOPPED if fault.error is CONTROL_C else FAILED), (fault, said)
        assert ("it goes on" if fault.error is CONTROL_C else str(fault.error)) in said
        return said

    @property
    def log(self) -> Path:
        return self.driver.checkout / "infra.log"

    @property
    def in_use(self) -> str:
        context = self.driver.context("status")
        stack = context.aws.stacks.find(context.names.stack)
        assert stack
        return stack.parameters["ImageTag"]

    @property
    def left(self) -> str:
        return "\n".join(left_behind(self.driver.account))


@pytest.fixture
def account(unused: socket.socket) -> Iterator[Account]:
    """Of each case."""
    with copied(unused, NOBODY) as (_, endpoint), asked(endpoint) as account:
        yield account


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return fill(tmp_path)


@pytest.mark.parametrize(("region", "stage", "every"), CASES)
def test_whatever_breaks_the_same_command_goes_on_and_in_the_end_nothing_is_left(
    account: Account, checkout: Path, region: str, stage: str, every: int
) -> None:
    driver = Driver(replace(account, region=region), checkout, region=region, stage=stage)
    life = Life(driver, every)
    driver.context("secrets").aws.secrets.put("telegram-bot-token", "1:token")
    deploy_through_faults(life)
    refuse_and_roll_back(life)
    destroy_and_come_back(life)
    forget_through_faults(life)
    assert life.left == ""


def deploy_through_faults(life: Life) -> None:
    for fault in DEPLOYING[:: life.every]:
        life.driver.answers, life.driver.secrets = ["anthropic"], [KEY]
        said = life.broken(fault, "deploy", "--yes", "--email", EMAIL)
        assert "Your agent:" not in said, fault
        assert KEY not in said
    life.driver.answers, life.driver.secrets = [], []
    code, said = life.deploy(talk=discontent)
    assert code == FAILED
    assert "Your agent:" not in said
    code, said = life.deploy()
    assert (code, "Your agent: https://" in said) == (WELL, True), said
    assert "Telegram's updates are taken, and nobody else's" in said
    everything_is_there_once(life)


def everything_is_there_once(life: Life) -> None:
    client, context = life.driver.account.client, life.driver.context("status")
    assert len(client("apigateway").get_rest_apis()["items"]) == 1
    assert len(client("apigatewayv2").get_apis()["Items"]) == 1
    functions = client("lambda").list_functions()["Functions"]
    assert {each["FunctionName"] for each in functions} == set(context.names.functions)
    assert context.aws.users.emails(context.outputs()["UserPoolId"]) == [EMAIL]
    assert sum("docker push" in each for each in life.driver.ran) == 1


def refuse_and_roll_back(life: Life) -> None:
    first = life.in_use
    new = life.driver.checkout / "container" / "new.py"
    new.write_text(f"'''Another image, of {life.driver.stage}.'''\n")
    second = source.tag(life.driver.checkout)
    code, said = life.run("upgrade", talk=discontent)
    assert (code, life.in_use) == (FAILED, first)
    assert f"{second} is refused: tasks go on with {first}" in said
    code, said = life.deploy()
    assert (code, life.in_use) == (WELL, first)
    assert f"{second} stays out" in said
    for fault in (Fault("stacks", "update", LOST), Fault("stacks", "update", CONTROL_C, after=True)):
        life.broken(fault, "upgrade")
    assert life.run("upgrade") == (WELL, "This image is in use already.\n")
    assert life.in_use == second
    code, said = life.run("upgrade", "--rollback")
    assert (code, life.in_use) == (WELL, first)
    assert life.deploy()[0] == WELL
    assert life.in_use == first


def destroy_and_come_back(life: Life) -> None:
    pool = life.driver.context("status").outputs()["UserPoolId"]
    for fault in DESTROYING[:: life.every]:
        said = life.broken(fault, "destroy", "--yes")
        assert "Nothing is left" not in said
        assert "Kept" not in said
    code, said = life.run("destroy", "--yes")
    assert (code, "Kept, for the next" in said) == (WELL, True)
    code, said = life.deploy()
    assert (code, "Your agent: https://" in said) == (WELL, True), said
    assert life.driver.context("status").outputs()["UserPoolId"] == pool


def forget_through_faults(life: Life) -> None:
    for fault in FORGETTING[:: life.every]:
        said = life.broken(fault, "destroy", "--yes", "--delete-data")
        assert "Nothing is left" not in said, fault
    code, said = life.run("destroy", "--yes", "--delete-data")
    assert (code, said.endswith("Nothing is left.\n")) == (WELL, True), said
    life.driver.answers, life.driver.secrets = ["anthropic"], [KEY]
    code, said = life.deploy()
    assert (code, "Your agent: https://" in said) == (WELL, True), said
    assert life.run("destroy", "--yes", "--delete-data")[0] == WELL
