"""Another image: tried on a copy of the newest backup, used only when that went well, and back again by one command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.domain.generations import Manifest, decode_manifest, encode_manifest
from infra import source
from infra.adapters.visitor import Visitor
from infra.commands.upgrade import upgrade
from infra.errors import AwsError, CheckFailed, DriverError
from infra.images import ImageRecord
from tests.infra.driver import EMAIL, Driver, deploy

OWNER = "users/owner/state/"


@dataclass
class Talk:
    """The canary's conversation: what there was in the account while it went on."""

    driver: Driver
    fails: bool = False
    seen: dict[str, Any] = field(default_factory=dict)

    def __call__(self, visitor: Visitor, word: str, say: Callable[[str], None], wake: Callable[[], object]) -> None:
        wake()
        aws, client = self.driver.context("status").aws, self.driver.account.client
        (task,) = aws.tasks.running("serverless-openclaw-dev")
        described = client("ecs").describe_tasks(cluster="serverless-openclaw-dev", tasks=[task.arn])["tasks"][0]
        definition = client("ecs").describe_task_definition(taskDefinition=described["taskDefinitionArn"])
        containers = definition["taskDefinition"]["containerDefinitions"]
        self.seen = {
            "image": containers[0]["image"],
            "environment": [{each["name"]: each["value"] for each in one["environment"]} for one in containers],
            "in use": in_use(self.driver),
            "keys": keys(self.driver),
            "manifest": manifest_of(self.driver, task.started_by.partition("/")[0]),
        }
        client("ecs").stop_task(cluster="serverless-openclaw-dev", task=task.arn)
        if self.fails:
            raise CheckFailed("it does not remember")


def in_use(driver: Driver) -> str:
    """The tag of what tasks run, which they name by its digest."""
    definition = driver.account.client("ecs").describe_task_definition(taskDefinition="serverless-openclaw-dev")
    return tag_of(driver, str(definition["taskDefinition"]["containerDefinitions"][0]["image"]))


def tag_of(driver: Driver, image: str) -> str:
    repository, _, digest = image.partition("@")
    assert repository.endswith("/serverless-openclaw-dev")
    images = driver.context("status").aws.registry.images("serverless-openclaw-dev")
    (tag,) = [each.tag for each in images if each.digest == digest]
    return tag


def keys(driver: Driver) -> set[str]:
    """Of old versions and of the marks of deletions, too."""
    bucket = driver.context("status").outputs()["DataBucket"]
    found = driver.account.client("s3").list_object_versions(Bucket=bucket, Prefix="users/")
    return {each["Key"] for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]}


def manifest_of(driver: Driver, started_by: str) -> Manifest:
    bucket = driver.context("status").outputs()["DataBucket"]
    (key,) = [key for key in keys(driver) if key.endswith("manifest.json") and not key.startswith(OWNER)]
    body = driver.account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return decode_manifest(body)


@pytest.fixture(scope="module")
def driver(deployed: Driver) -> Driver:
    bucket = deployed.context("status").outputs()["DataBucket"]
    s3 = deployed.account.client("s3")
    s3.put_object(Bucket=bucket, Key=f"{OWNER}manifest.json", Body=encode_manifest(Manifest().claimed(41)))
    s3.put_object(Bucket=bucket, Key=f"{OWNER}packs/abc", Body=b"pack")
    return deployed


def test_the_image_in_use_needs_no_upgrade(driver: Driver) -> None:
    upgrade(driver.context("upgrade"), Talk(driver, fails=True))
    assert "in use already" in driver.words


def test_a_canary_that_fails_changes_nothing(driver: Driver) -> None:
    before = in_use(driver)
    (driver.checkout / "container" / "new.py").write_text("'''Another image.'''\n")
    talk = Talk(driver, fails=True)
    with pytest.raises(CheckFailed):
        upgrade(driver.context("upgrade"), talk)
    assert (in_use(driver), talk.seen["in use"]) == (before, before)
    assert tag_of(driver, talk.seen["image"]) == source.tag(driver.checkout)


def test_a_canary_starts_from_a_copy_of_the_newest_backup_and_leaves_nothing(driver: Driver) -> None:
    talk = Talk(driver)
    upgrade(driver.context("upgrade"), talk)
    assert len([key for key in talk.seen["keys"] if key.endswith("packs/abc")]) == 2
    assert talk.seen["manifest"].epoch == 0
    assert all(environment["OPENCLAW_SKIP_CRON"] == "1" for environment in talk.seen["environment"])
    assert keys(driver) == {f"{OWNER}manifest.json", f"{OWNER}packs/abc"}


def test_tasks_run_the_new_image_now_and_the_old_one_after_a_rollback(driver: Driver) -> None:
    new, *older = [image.tag for image in driver.context("status").aws.registry.images("serverless-openclaw-dev")]
    assert in_use(driver) == new
    upgrade(driver.context("upgrade", "--rollback"))
    assert in_use(driver) == older[0]
    with pytest.raises(DriverError, match="no older image"):
        upgrade(driver.context("upgrade", "--rollback"))


def deploy_with(driver: Driver, fails: bool = False) -> list[str]:
    """With its canary and its check: the image that was in use while each of them talked."""
    talks: list[str] = []

    def talk(visitor: Visitor, word: str, say: Callable[[str], None], wake: Callable[[], object]) -> None:
        talks.append(in_use(driver))
        if fails:
            raise CheckFailed("it does not remember")

    context = driver.context("deploy", "--yes", "--email", EMAIL)
    context.talk = talk
    if fails:
        with pytest.raises(CheckFailed, match="it does not remember"):
            deploy(context)
    else:
        deploy(context)
    return talks


def change(driver: Driver, words: str) -> None:
    (driver.checkout / "container" / "new.py").write_text(f"'''{words}'''\n")


def test_a_deploy_after_a_rollback_does_not_undo_it(driver: Driver) -> None:
    before = in_use(driver)
    driver.deploy()
    assert in_use(driver) == before
    assert "stays out: it was taken back" in driver.words


def test_an_upgrade_tries_again_what_was_taken_back(driver: Driver) -> None:
    before = in_use(driver)
    upgrade(driver.context("upgrade"), Talk(driver))
    after = in_use(driver)
    assert after != before
    driver.deploy()
    assert in_use(driver) == after


@pytest.mark.parametrize("error", [CheckFailed("it does not remember"), KeyboardInterrupt(), AwsError("Rate exceeded")])
def test_an_upgrade_that_does_not_end_well_leaves_the_lock_as_it_was(driver: Driver, error: BaseException) -> None:
    pins = [driver.checkout / "container" / name for name in ("package.json", "package-lock.json")]
    before = [file.read_text() for file in pins]

    def talk(*_: object) -> None:
        assert [json.loads(file.read_text()) for file in pins] == [{"pinned": "openclaw@9.9.9"}] * 2
        raise error

    with pytest.raises(type(error)):
        upgrade(driver.context("upgrade", "--openclaw", "9.9.9"), talk)
    assert [file.read_text() for file in pins] == before


def test_a_deploy_that_replaces_an_image_tries_it_first(driver: Driver) -> None:
    before = in_use(driver)
    change(driver, "A third image.")
    after = source.tag(driver.checkout)
    assert deploy_with(driver) == [before, after]
    assert in_use(driver) == after


def test_a_deploy_whose_canary_fails_keeps_the_image_and_so_does_the_next_one(driver: Driver) -> None:
    before = in_use(driver)
    change(driver, "A fourth image.")
    assert deploy_with(driver, fails=True) == [before]
    driver.deploy()
    assert deploy_with(driver) == [before]
    assert in_use(driver) == before


def test_a_rollback_goes_to_what_was_in_use_and_never_to_what_was_refused(driver: Driver) -> None:
    used = in_use(driver)
    refused = source.tag(driver.checkout)
    change(driver, "A fifth image.")
    upgrade(driver.context("upgrade"), Talk(driver))
    upgrade(driver.context("upgrade", "--rollback"))
    assert in_use(driver) == used != refused


def test_old_images_are_pruned_but_never_the_one_in_use(driver: Driver) -> None:
    images = [image.tag for image in driver.context("status").aws.registry.images("serverless-openclaw-dev")]
    assert in_use(driver) in images
    assert len(images) == 3


def test_what_was_used_last_is_gone_back_to_first() -> None:
    record = ImageRecord().use("a").use("b").use("c").use("a")
    assert record.before("a") == ["c", "b"]
    assert record.refuse("c", "bad").before("a") == ["b"]
    assert "c" not in record.refuse("c", "bad").use("c").refused
