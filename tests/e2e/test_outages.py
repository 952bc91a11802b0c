"""What a product talks to stops, refuses, or is somebody else."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest

from chalicelib.domain.notes import BACKUP_FAILING, NO_CAPACITY, START_REFUSED
from container.bridge.certificate import create_identity
from local.aws.outage import CAPACITY, FAILING_SIGN, SIGN, TASKS_SIGN
from tests.e2e.cloud import Cloud
from tests.e2e.page import Page
from tests.e2e.processes import AWS, kill, paused, running
from tests.e2e.product import Product, wait_for
from tests.e2e.scene import COLD, Scene, fall_asleep

OUTAGE = 20.0  # seconds
POLL = 2.0  # seconds between the bridge's own looks


def test_two_messages_that_race_from_idle_start_one_task(hurt: Product) -> None:
    """The first test, because at first the agent sleeps."""
    pages = [Page(hurt.origin).open() for _ in range(2)]
    fall_asleep(pages[0])
    cloud = Cloud.of(hurt)
    tasks, epoch = set(cloud.started_tasks()), cloud.agent().epoch
    both = threading.Barrier(len(pages))
    turns: dict[int, str] = {}

    def send(number: int) -> None:
        both.wait()
        turns[number] = pages[number].send(f"me first {number} [[n=3]]", str(uuid.uuid4()))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(pages))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, page in enumerate(pages):
        page.answer(turns[number], COLD)
        page.close()
    assert len(set(cloud.started_tasks()) - tasks) == 1
    assert cloud.agent().epoch == epoch + 1


def test_an_aws_that_stops_for_twenty_seconds(scene: Scene) -> None:
    turn = scene.begin()
    (aws,) = running(scene.product.process.pid, AWS)
    with paused(aws):
        during = scene.page.send("sent meanwhile [[n=3]]", scene.talk)
        threading.Event().wait(OUTAGE)
    scene.page.send("sent meanwhile [[n=3]]", scene.talk, id=during)  # as the page does when no ack has come

    scene.check(turn, during)


@pytest.mark.soak
def test_an_s3_that_refuses_writes_costs_no_message_and_nothing_of_the_memory(scene: Scene) -> None:
    sign = scene.product.state / SIGN
    sign.touch()
    try:
        turn = scene.begin()
        scene.told(BACKUP_FAILING)
        scene.check(turn)
    finally:
        sign.unlink()
    wait_for(lambda: scene.cloud.agent().note is None, "a backup that is made after all", COLD)
    kill(scene.bridge())

    scene.check(scene.say("a moment later [[n=3]]"))
    assert scene.remembered() == 4


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        pytest.param(
            *(f"{CAPACITY} Capacity is unavailable at this time.", NO_CAPACITY, "No machine is free"),
            marks=pytest.mark.soak,
            id="capacity",
        ),
        pytest.param(
            *("AccessDeniedException not authorized to perform: ecs:RunTask", START_REFUSED, "ecs:RunTask"),
            id="a right",
        ),
        pytest.param(
            *("ClusterNotFoundException Cluster not found.", START_REFUSED, "Cluster not found"),
            marks=pytest.mark.soak,
            id="a cluster",
        ),
    ],
)
def test_a_task_that_is_refused_is_told_why_and_the_message_waits(
    scene: Scene, refusal: str, code: str, words: str
) -> None:
    fall_asleep(scene.page)
    sign = scene.product.state / TASKS_SIGN
    sign.write_text(refusal)
    try:
        turn = scene.say("wake up [[n=3]]")
        told = scene.told(code)
    finally:
        sign.unlink()
    assert words in told["note"]
    scene.check(turn)


@pytest.mark.soak
def test_a_machine_whose_image_cannot_be_pulled_is_told_of_and_the_message_waits(scene: Scene) -> None:
    fall_asleep(scene.page)
    sign = scene.product.state / FAILING_SIGN
    sign.write_text("CannotPullContainerError: pull image manifest has been retried 7 time(s): not found")
    try:
        turn = scene.say("wake up [[n=3]]")
        told = scene.told(START_REFUSED)
    finally:
        sign.unlink()
    assert "CannotPullContainerError" in told["note"]
    scene.check(turn)


def test_a_doorbell_that_nobody_hears_costs_two_seconds(scene: Scene) -> None:
    scene.cloud.move("127.0.0.1:1")
    turn = scene.say("can you hear me [[n=3]]")

    began = scene.page.acked(turn)["_at"]
    assert scene.page.first_word(turn)["_at"] - began < POLL + 4  # a turn on a loaded machine
    scene.check(turn)


def test_a_stranger_at_the_old_address_hears_not_one_byte(scene: Scene) -> None:
    with stranger() as (address, heard):
        scene.cloud.move(address)
        turn = scene.say("for my agent alone [[n=3]]")
        scene.check(turn)
        wait_for(lambda: heard, "somebody who rings")
    assert set(heard) == {b""}


@contextmanager
def stranger() -> Iterator[tuple[str, list[bytes]]]:
    """A TLS server with a certificate of its own; the address, and what each caller said after the handshake."""
    heard: list[bytes] = []
    context = create_identity(datetime.now(UTC)).context()

    def listen(door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = door.accept()
                with context.wrap_socket(caller, server_side=True) as talk:
                    heard.append(talk.recv(1))

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=listen, args=(door,))
        thread.start()
        yield f"127.0.0.1:{door.getsockname()[1]}", heard
        door.shutdown(socket.SHUT_RDWR)
        thread.join()
