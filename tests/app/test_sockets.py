"""The socket's events through app.py, from ticket to wake-up."""

from __future__ import annotations

from chalicelib.domain.agent import State
from tests.app.cloud import USER, Cloud
from tests.app.conftest import client
from tests.fakes.values import TALK, TURN


def test_a_ticket_opens_a_socket_that_speaks_our_protocol(cloud: Cloud) -> None:
    ticket = cloud.call("POST", "/tickets")
    assert (ticket.status, set(ticket.fields)) == (200, {"ticket", "expiresAt"})
    answer = cloud.connect("laptop", ticket.fields["ticket"])
    assert answer == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "openclaw.v1"}}
    assert cloud.sockets.asked == []


def test_without_a_good_ticket_the_door_stays_shut(cloud: Cloud) -> None:
    ticket = cloud.call("POST", "/tickets").fields["ticket"]
    assert cloud.connect("laptop", "guess") == {"statusCode": 403}
    assert cloud.connect("laptop", ticket, Origin="https://evil.example") == {"statusCode": 403}
    assert cloud.connect("laptop", ticket, **{"Sec-WebSocket-Protocol": "openclaw.v1"}) == {"statusCode": 403}
    assert cloud.connect("laptop", ticket)["statusCode"] == 200
    assert cloud.connect("thief", ticket) == {"statusCode": 403}


def test_headers_are_read_whatever_their_case(cloud: Cloud) -> None:
    ticket = cloud.call("POST", "/tickets").fields["ticket"]
    lower = {"sec-websocket-protocol": f"openclaw.v1,ticket.{ticket}"}
    assert cloud.connect("laptop", "guess", **lower)["statusCode"] == 200


def test_a_message_is_acknowledged_and_starts_a_task(cloud: Cloud) -> None:
    cloud.enter("laptop")
    cloud.send("laptop", type="send", id=TURN, conversationId=TALK, text="안녕")
    ack, status = cloud.pushed("laptop")
    assert ack == {"type": "ack", "id": TURN, "conversationId": TALK, "seq": 1}
    assert (status["type"], status["status"]) == ("status", "starting")
    agent = cloud.services.rows.agents.get(USER)
    cluster = cloud.services.config.cluster_arn
    (arn,) = client("ecs").list_tasks(cluster=cluster)["taskArns"]
    assert (agent.state, agent.task_arn) == (State.STARTING, arn)
    assert client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"][0]["startedBy"] == "ada/1"


def test_a_frame_that_cannot_be_understood_gets_an_error_frame(cloud: Cloud) -> None:
    cloud.enter("laptop")
    cloud.send("laptop", type="shout", id=TURN)
    (error,) = cloud.pushed("laptop")
    assert (error["type"], error["code"], error["id"]) == ("error", "invalid_message", TURN)


def test_a_closed_socket_may_say_no_more(cloud: Cloud) -> None:
    cloud.enter("laptop")
    cloud.leave("laptop")
    cloud.leave("laptop")
    cloud.send("laptop", type="ping")
    assert [method for method, _, _ in cloud.sockets.asked] == ["DELETE"]


def test_a_ping_gets_a_pong(cloud: Cloud) -> None:
    cloud.enter("laptop")
    assert cloud.send("laptop", type="ping") in (None, {"statusCode": 200})
    assert [frame["type"] for frame in cloud.pushed("laptop")] == ["pong", "status"]


def test_the_timer_sweeps(cloud: Cloud) -> None:
    cloud.enter("laptop")
    cloud.send("laptop", type="send", id=TURN, conversationId=TALK, text="Hello")
    arn = cloud.services.rows.agents.get(USER).task_arn
    assert arn is not None
    cloud.services.outside.tasks.stop(arn, "the machine died")
    cloud.tick()
    agent = cloud.services.rows.agents.get(USER)
    assert (agent.state, agent.epoch, agent.failures) == (State.STARTING, 2, 1)
