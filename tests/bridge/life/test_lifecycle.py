from datetime import UTC, datetime, timedelta

from chalicelib.domain.agent import State
from chalicelib.domain.notes import RECLAIMED
from chalicelib.tables.agents import Agents
from tests.fakes.bridge import Desk, eventually
from tests.fakes.concurrency import QuickTime
from tests.fakes.life import LONG, SHORT, Life
from tests.tables.scenes import USER, accept, restarted


def test_a_start_goes_through_its_stages_in_order() -> None:
    life = Life(Desk()).start()
    eventually(lambda: life.state() is State.RUNNING, "running")

    agent = life.desk.rows.agents.get(USER)

    assert list(dict.fromkeys(agent.steps)) == ["queued", "container", "gateway", "workspace", "ready"]
    assert (agent.address, agent.certificate_sha256) == ("127.0.0.9:8080", "ab" * 32)
    eventually(lambda: "ready" in life.statuses(), "the page's status")
    assert life.statuses() == ["container", "gateway", "workspace", "ready"]
    assert life.control.orders == ["go"]
    life.lifecycle.request_stop("the test is over")
    life.ends()


def test_a_start_is_remembered_for_the_next_estimate() -> None:
    life = Life(Desk()).start()
    eventually(lambda: life.desk.rows.starts.estimate(USER), "the start's duration")
    life.lifecycle.request_stop("the test is over")
    life.ends()


def test_a_running_bridge_answers() -> None:
    life = Life(Desk()).start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    accept(life.desk.store, "m1", "Hello")
    life.desk.turns.ring()

    eventually(lambda: "stream_end" in life.desk.shown(), "the answer")

    life.lifecycle.request_stop("the test is over")
    life.ends()


def test_it_falls_asleep_when_nobody_speaks() -> None:
    life = Life(Desk(), idle=SHORT).start()

    life.ends()

    assert life.state() is State.IDLE
    assert life.statuses()[-1] == "idle"
    assert life.desk.gateway.closed


def test_it_notes_when_openclaws_cron_wants_it_back() -> None:
    life = Life(Desk(), idle=SHORT)
    life.desk.gateway.cron = datetime(2099, 1, 1, tzinfo=UTC)

    life.start().ends()

    assert life.desk.rows.agents.get(USER).next_wake_at == datetime(2099, 1, 1, tzinfo=UTC)


def test_it_stays_up_while_it_works() -> None:
    life = Life(Desk(), idle=SHORT)
    accept(life.desk.store, "m1", "slow one")
    life.start()
    eventually(lambda: life.desk.gateway.asked, "the turn")

    life.thread.join(0.2)  # twenty times the idle time

    assert life.thread.is_alive()
    assert life.state() is State.RUNNING
    life.desk.gateway.go.set()
    life.ends()
    assert life.state() is State.IDLE


def test_a_stop_in_mid_answer_gives_the_message_back_and_leaves_a_row_to_wake() -> None:
    life = Life(Desk())
    accept(life.desk.store, "m1", "slow one")
    life.start()
    eventually(lambda: life.desk.gateway.asked, "the turn")

    life.lifecycle.request_stop("SIGTERM")
    life.ends()

    agent = life.desk.rows.agents.get(USER)
    assert (agent.state, agent.pending, agent.inflight, agent.note) == (State.IDLE, 1, 0, RECLAIMED)
    assert [each.user_id for each in Agents(life.desk.store).active()] == [USER]


def test_a_stop_that_was_asked_for_is_not_taken_for_a_lost_machine() -> None:
    life = Life(Desk())
    accept(life.desk.store, "m1", "slow one")
    life.start()
    eventually(lambda: life.desk.gateway.asked, "the turn")

    life.lifecycle.request_stop("asked to shut down")
    life.ends()

    assert life.desk.rows.agents.get(USER).note is None


def test_a_fenced_bridge_ends_without_touching_the_row() -> None:
    life = Life(Desk(), idle=timedelta(seconds=10)).start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    newer = restarted(life.desk.store)

    life.ends()

    after = life.desk.rows.agents.get(USER)
    assert (after.state, after.epoch) == (State.RUNNING, newer.epoch)


def test_turns_that_are_fenced_off_end_the_bridge_without_waiting_for_its_next_look() -> None:
    life = Life(Desk(time=QuickTime(speed=1)), idle=LONG).start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    newer = restarted(life.desk.store)

    accept(life.desk.store, "m1", "Hello")
    life.desk.turns.ring()
    life.thread.join(3)  # it looks around every 15 s

    assert not life.thread.is_alive()
    assert life.desk.rows.agents.get(USER).epoch == newer.epoch
    assert life.desk.gateway.asked == []


def test_a_bridge_of_an_old_epoch_does_not_even_start() -> None:
    life = Life(Desk())
    restarted(life.desk.store)

    life.start().ends()

    assert life.control.orders == []


def test_a_stop_while_openclaw_starts_is_obeyed() -> None:
    life = Life(Desk())
    life.desk.gateway.ready = False
    life.start()
    eventually(lambda: life.control.orders == ["go"], "the start")

    life.lifecycle.request_stop("SIGTERM")

    life.ends()
    assert life.state() is State.IDLE
