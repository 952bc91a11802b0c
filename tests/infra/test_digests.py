"""Which bytes a tag is: noted when it is built, compared before a task may run it, and named by its digest."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.adapters.buckets import Upload
from infra.adapters.registry import Registry
from infra.adapters.tasks import ClusterTasks
from infra.commands.doctor import doctor
from infra.config import DriverConfig
from infra.console import Console
from infra.context import StepContext
from infra.errors import DriverError
from infra.images import PLACE, ImageRecord, read_images
from infra.steps.digest import forget_digest, pin_image
from infra.steps.prune import find_dispensable
from tests.infra.driver import PYTHON, Driver, push_image
from tests.infra.templates import resources

OURS, THEIRS = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


@dataclass
class Bucket:
    objects: dict[str, bytes] = field(default_factory=dict)

    def get(self, _: str, key: str) -> bytes | None:
        return self.objects.get(key)

    def put(self, _: str, upload: Upload) -> None:
        self.objects[upload.key] = upload.body


@dataclass
class Ecr:
    """Its client."""

    digests: dict[str, str]  # by tag

    def describe_images(self, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, Any]:
        return {"imageDetails": [{"imageDigest": self.digests[each["imageTag"]]} for each in imageIds]}


def context(bucket: Bucket, digest: str) -> StepContext:
    config = DriverConfig.read(["deploy", "--stage", "dev"], {}, Path())
    aws: Any = SimpleNamespace(
        buckets=bucket,
        registry=Registry(Ecr({"abc": digest})),
        stacks=SimpleNamespace(find=lambda _: SimpleNamespace(outputs={"DataBucket": "d"})),
    )
    programs: Any = None
    return StepContext(config, Console(io.StringIO()), aws, programs, sleep=lambda _: None)


def test_what_was_built_is_noted_and_found_again() -> None:
    bucket = Bucket()
    assert [pin_image(context(bucket, OURS), "abc") for _ in range(2)] == [OURS, OURS]
    assert read_images(bucket, "d").digests == {"abc": OURS}  # type: ignore[arg-type]


def test_an_image_that_was_replaced_in_the_registry_runs_nowhere() -> None:
    bucket = Bucket()
    pin_image(context(bucket, OURS), "abc")
    before = dict(bucket.objects)
    with pytest.raises(
        DriverError, match=f"(?s){THEIRS}, but the driver had built {OURS}.*deleted from the repository"
    ):
        pin_image(context(bucket, THEIRS), "abc")
    assert bucket.objects == before


def test_a_new_build_of_the_same_is_another_image() -> None:
    bucket = Bucket()
    pin_image(context(bucket, OURS), "abc")
    forget_digest(context(bucket, THEIRS), "abc")
    assert pin_image(context(bucket, THEIRS), "abc") == THEIRS


def test_a_note_outlives_use_and_refusal_and_there_is_an_end_of_them() -> None:
    record = ImageRecord().with_digest("abc", OURS).use("abc").refuse("abc", "bad").use("other")
    assert record.digests == {"abc": OURS}
    for at in range(50):
        record = record.with_digest(str(at), OURS)
    assert len(record.digests) == 20 and "49" in record.digests


def test_a_note_of_an_older_driver_is_read() -> None:
    bucket = Bucket({PLACE: b'{"used": ["abc"], "refused": {}}'})
    assert pin_image(context(bucket, OURS), "abc") == OURS
    assert read_images(bucket, "d") == ImageRecord(("abc",), {}, {"abc": OURS})  # type: ignore[arg-type]


def test_both_containers_of_a_task_are_named_by_the_digest() -> None:
    for container in resources()["AgentTask"]["Properties"]["ContainerDefinitions"]:
        assert container["Image"]["Fn::Sub"][0] == "${Images}@${ImageDigest}"


@pytest.mark.parametrize(("image", "name"), [(f"1.ecr/it@{OURS}", OURS), ("1.ecr:443/it:abc", "abc")])
def test_a_task_tells_its_image_by_digest_or_as_an_older_driver_named_it(image: str, name: str) -> None:
    described = {"taskArn": "t", "lastStatus": "RUNNING", "containers": [{"image": image}, {}]}
    pages = SimpleNamespace(paginate=lambda cluster: [{"taskArns": ["t"]}])
    client: Any = SimpleNamespace(
        get_paginator=lambda _: pages, describe_tasks=lambda cluster, tasks: {"tasks": [described]}
    )
    (task,) = ClusterTasks(client).running("it")
    assert task.images == (name,)


def test_what_runs_is_not_pruned_however_it_is_named() -> None:
    images = [SimpleNamespace(tag=each, digest=f"sha256:{each}") for each in "fedcba"]
    running = [SimpleNamespace(images=("sha256:a",)), SimpleNamespace(images=("b",))]
    aws: Any = SimpleNamespace(
        registry=SimpleNamespace(images=lambda _: images),
        tasks=SimpleNamespace(running=lambda _: running),
        buckets=Bucket(),
    )
    given: Any = SimpleNamespace(
        aws=aws, names=SimpleNamespace(images="it", stack="it"), outputs=lambda: {"DataBucket": "d"}
    )
    assert find_dispensable(given, "f") == ["c"]


def test_a_deploy_of_a_replaced_image_changes_nothing_and_the_doctor_tells(deployed: Driver) -> None:
    driver, account = deployed, deployed.account
    stack = driver.context("status").aws.stacks.find("serverless-openclaw-dev")
    assert stack
    tag, digest = stack.parameters["ImageTag"], stack.parameters["ImageDigest"]
    ecr = account.client("ecr")
    ecr.batch_delete_image(repositoryName="serverless-openclaw-dev", imageIds=[{"imageTag": tag}])
    assert push_image("serverless-openclaw-dev", tag, "another") != digest

    with pytest.raises(DriverError, match="somebody has replaced it"):
        driver.deploy()
    with pytest.raises(DriverError):
        doctor(driver.context("doctor"), PYTHON)

    assert f"tasks run {digest}" in driver.words
    after = driver.context("status").aws.stacks.find("serverless-openclaw-dev")
    assert after and after.parameters["ImageDigest"] == digest
    task = account.client("ecs").describe_task_definition(taskDefinition="serverless-openclaw-dev")["taskDefinition"]
    assert all(each["image"].endswith(f"/serverless-openclaw-dev@{digest}") for each in task["containerDefinitions"])

    ecr.batch_delete_image(repositoryName="serverless-openclaw-dev", imageIds=[{"imageTag": tag}])
    driver.deploy()
    assert driver.words.count("its digest is") == 2
