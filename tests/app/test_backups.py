"""The backup routes through app.py, over moto's S3."""

from __future__ import annotations

import urllib.parse

import pytest

from chalicelib.adapters.s3 import S3Objects
from container.bridge.backup.outcomes import Restored, Saved
from tests.app.cloud import USER, Cloud
from tests.app.conftest import REGION, client
from tests.fakes.backup import MemoryAgent, now


@pytest.fixture
def saved(cloud: Cloud) -> Cloud:
    """The agent has slept twice, each time knowing something else."""
    bucket = cloud.services.config.data_bucket
    client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"first", b"second"):
        cloud.call("POST", "/agent/start")
        live(cloud, content)
        agents = cloud.services.rows.agents
        assert agents.stopped(agents.get(USER), now())
    return cloud


def live(cloud: Cloud, content: bytes) -> None:
    service = cloud.services.backups
    assert isinstance(service.objects, S3Objects)
    agent = MemoryAgent(USER, cloud.services.rows.agents.get(USER).epoch, service._bucket(USER))
    assert isinstance(agent.restore(), Restored)
    agent.folder.put("note", content)
    assert agent.save() == Saved()


def test_restore_points_are_listed_and_restored(saved: Cloud) -> None:
    assert [each["id"] for each in saved.call("GET", "/backups").fields["backups"]] == ["2", "1"]

    restored = saved.call("POST", "/backups/1/restore")

    assert (restored.status, restored.fields["kind"], restored.fields["restored"]) == (200, "restored", "1")
    assert [each["id"] for each in saved.call("GET", "/backups").fields["backups"]] == ["3", "2", "1"]


def test_a_point_can_be_taken_home(saved: Cloud) -> None:
    download = saved.call("GET", "/backups/1")
    assert download.status == 200
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(download.fields["url"]).query)
    assert "X-Amz-Signature" in query
    assert download.fields["filename"] in query["response-content-disposition"][0]


def test_what_cannot_be_done_now_is_said_in_words(saved: Cloud) -> None:
    asleep = saved.call("POST", "/backups")
    assert (asleep.status, asleep.fields["code"]) == (409, "agent_busy")
    saved.call("POST", "/agent/start")
    awake = saved.call("POST", "/backups/1/restore")
    assert awake.status == 409 and "put it to sleep" in awake.fields["message"]
    assert saved.call("POST", "/backups/9/restore").status == 409
    assert saved.call("GET", "/backups/9").status == 404
    assert saved.call("GET", "/backups/x").status == 400


def test_nobody_sees_anothers_points(saved: Cloud) -> None:
    assert saved.call("GET", "/backups", user="eve").fields == {"backups": []}
    assert saved.call("GET", "/backups/1", user="eve").status == 404
