import threading
from datetime import UTC, datetime, timedelta

from chalicelib.domain.agent import State
from chalicelib.domain.notes import RECLAIMED
from chalicelib.tables.agents import Agents
from container.bridge.life.lifecycle import Lifecycle, Place
from tests.fakes.backup import MemoryFolder, memory_backups
from tests.fakes.bridge import Desk, FakeSupervisor, eventually
from tests.fakes.objects import MemoryObjects
from tests.tables.scenes import USER, accept, restarted

SHORT = timedelta(seconds=0.2)
LONG = timedelta(minutes=15)


class Life:
    """A bridge that lives from its start to its end, in a thread."""

    def __init__(self, desk: Desk, idle: timedelta = LONG) -> None:
        self.desk, self.supervisor = desk, FakeSupervisor()
        self.objects, self.folder = MemoryObjects(), MemoryFolder()
        desk.store.rows.clear()
        desk.__post_init__()
        self._starting_again()
        place = Place(USER, desk.turns.epoch, "127.0.0.9:8080", "ab" * 32)
        self.backups = memory_backups(USER, desk.turns.epoch, self.objects, self.folder)
        self.lifecycle = Lifecycle(place, desk.rows, desk.turns, self.supervisor, self.backups, idle, stop_seconds=2)
        self.thread = threading.Thread(target=self.lifecycle.run, daemon=True)

    def _starting_again(self) -> None:
        """Back to Starting, under the next epoch."""
        agents = self.desk.rows.agents
        agents.stopped(self.desk.agent, self.desk.turns.clock())
        begun = agents.begin(agents.get(USER), "cd" * 32, self.desk.turns.clock())
        assert begun
        self.desk.turns.epoch = begun.epoch

    def start(self) -> "Life":
        self.thread.start()
        return self

    def state(self) -> State:
        return self.desk.rows.agents.get(USER).state

    def ends(self) -> None:
        self.thread.join(5)
        assert not self.thread.is_alive(), "the bridge did not end"


def statuses(desk: Desk) -> list[str]:
    frames = [frame for frame in desk.push.frames.get("page", []) if frame["type"] == "status"]
    return [frame.get("stage", frame["status"]) for frame in frames]


def test_a_start_goes_through_its_stages_in_order() -> None:
    life = Life(Desk()).start()
    eventually(lambda: life.state() is State.RUNNING, "running")

    agent = life.desk.rows.agents.get(USER)

    assert list(dict.fromkeys(agent.steps)) == ["queued", "container", "gateway", "workspace", "ready"]
    assert (agent.address, agent.certificate_sha256) == ("127.0.0.9:8080", "ab" * 32)
    eventually(lambda: "ready" in statuses(life.desk), "the page's status")
    assert statuses(life.desk) == ["container", "gateway", "workspace", "ready"]
    assert life.supervisor.orders == ["go"]
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
    assert statuses(life.desk)[-1] == "idle"
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

    life.thread.join(1)

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
    life = Life(Desk(), idle=SHORT).start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    newer = restarted(life.desk.store)

    life.ends()

    after = life.desk.rows.agents.get(USER)
    assert (after.state, after.epoch) == (State.RUNNING, newer.epoch)


def test_a_bridge_of_an_old_epoch_does_not_even_start() -> None:
    life = Life(Desk())
    restarted(life.desk.store)

    life.start().ends()

    assert life.supervisor.orders == []


def test_a_stop_while_openclaw_starts_is_obeyed() -> None:
    life = Life(Desk())
    life.desk.gateway.ready = False
    life.start()
    eventually(lambda: life.supervisor.orders == ["go"], "the start")

    life.lifecycle.request_stop("SIGTERM")

    life.ends()
    assert life.state() is State.IDLE
