"""Work that OpenClaw does by itself keeps it awake, up to a bound; its owner is told why, and what was cut off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.agent import State
from chalicelib.domain.notes import HALTED, RECLAIMED, at_work, work_cut
from chalicelib.domain.own_work import NOTHING, OwnWork
from chalicelib.store import Item, Key, Table, Update, Write
from chalicelib.tables.agents import agent_key
from tests.bridge.life.test_idleness import Bed
from tests.fakes.bridge import Desk, eventually
from tests.fakes.clock import NOON
from tests.fakes.life import SHORT, Life
from tests.fakes.store import MemoryStore
from tests.tables.scenes import USER, accept, restarted

COMMAND, JOB = OwnWork(commands=1), OwnWork(jobs=1)


def at_work_since(minutes: float, work: OwnWork = COMMAND) -> Bed:
    bed = Bed()
    bed.gateway.work = work
    assert not bed.after(minutes=minutes)
    return bed


def test_work_of_its_own_keeps_it_awake_and_the_row_says_why() -> None:
    bed = at_work_since(15)
    agent = bed.rows.agents.get(USER)
    assert (agent.state, agent.last_active_at) == (State.RUNNING, NOON + timedelta(minutes=15))
    assert agent.note == at_work(COMMAND)
    assert [each.note for each in bed.shown] == [agent.note]


def test_it_is_asked_nothing_while_somebody_spoke_to_it_lately() -> None:
    bed = Bed()
    assert not bed.after(minutes=14)
    assert bed.gateway.questions == 0


def test_it_is_not_asked_at_every_look() -> None:
    bed = at_work_since(15)
    bed.after(minutes=15, seconds=4)
    assert bed.gateway.questions == 1
    bed.after(minutes=15, seconds=5)
    assert bed.gateway.questions == 2


def test_the_same_work_is_told_once_and_other_work_anew() -> None:
    bed = at_work_since(15)
    bed.after(minutes=16)
    bed.gateway.work = JOB
    bed.after(minutes=17)
    assert [each.note for each in bed.shown] == [at_work(COMMAND), at_work(JOB)]


def test_when_the_work_ends_the_words_go_and_the_idle_time_begins() -> None:
    bed = at_work_since(15)
    bed.gateway.work = None
    assert not bed.after(minutes=15, seconds=15)
    assert bed.rows.agents.get(USER).note is None
    assert bed.gateway.resumed == bed.gateway.suspended == ["s1"]
    assert not bed.after(minutes=29)
    assert bed.after(minutes=30)


def test_who_is_stopped_begins_nothing_new() -> None:
    bed = Bed()
    assert bed.after(minutes=15)
    assert (bed.gateway.suspended, bed.gateway.resumed) == (["s1"], [])


def test_the_next_cron_time_is_known_though_suspended_it_tells_nothing() -> None:
    bed = Bed()
    bed.gateway.cron = NOON + timedelta(hours=3)
    bed.gateway.while_suspending = lambda: setattr(bed.gateway, "cron", None)
    assert bed.after(minutes=15)
    assert bed.idleness.next_wake() == NOON + timedelta(hours=3)


def test_a_message_in_between_lets_it_go_on() -> None:
    bed = Bed()

    def write() -> None:
        accept(bed.store, now=NOON + timedelta(minutes=15))

    bed.gateway.while_suspending = write
    assert not bed.after(minutes=15)
    assert bed.gateway.resumed == ["s1"]
    assert bed.rows.agents.get(USER).state is State.RUNNING


class NeverStops(MemoryStore):
    """Its tables are away when an agent would be stopped."""

    def write(self, *writes: Write) -> Item:
        if any(isinstance(each, Update) and each.set.get("status") == State.STOPPING.value for each in writes):
            raise ConnectionError("the tables are away")
        return super().write(*writes)


def test_tables_that_fail_in_between_let_it_go_on() -> None:
    bed = Bed(NeverStops())
    with pytest.raises(ConnectionError):
        bed.after(minutes=15)
    assert bed.gateway.suspended == bed.gateway.resumed == ["s1"]


class LosesSettings(MemoryStore):
    """Its settings cannot be read while `away`."""

    away = False

    def get(self, table: Table, key: Key) -> Item | None:
        if self.away and table is Table.SETTINGS:
            raise ConnectionError("the tables are away")
        return super().get(table, key)


def test_no_answer_is_lost_to_tables_that_fail() -> None:
    """Two questions had none; if it were asked now, the next silence would be a third one, though it had answered."""
    store = LosesSettings()
    bed = Bed(store)
    bed.gateway.answers = False
    for seconds in (0, 5):
        assert not bed.after(minutes=15, seconds=seconds)
    bed.gateway.answers, bed.gateway.work, store.away = True, COMMAND, True
    with pytest.raises(ConnectionError):
        bed.after(minutes=15, seconds=10)
    assert bed.gateway.questions == 2
    store.away = False
    assert not bed.after(minutes=15, seconds=15)
    assert bed.rows.agents.get(USER).note == at_work(COMMAND)


@pytest.mark.parametrize("passing", [False, True])
def test_who_never_answers_is_stopped_at_the_third_question(passing: bool) -> None:
    bed = Bed()
    bed.gateway.answers, bed.gateway.work = passing, NOTHING
    assert not bed.after(minutes=15)
    assert not bed.after(minutes=15, seconds=15)
    assert bed.after(minutes=15, seconds=30)


def test_one_answer_that_is_missing_ends_no_work() -> None:
    bed = at_work_since(15)
    for minute in (31, 32):
        bed.gateway.answers = False
        assert not bed.after(minutes=minute)
    bed.gateway.answers = True
    assert not bed.after(minutes=33)
    assert bed.rows.agents.get(USER).note == at_work(COMMAND)


def test_work_keeps_it_awake_for_eight_hours_and_no_longer() -> None:
    bed = at_work_since(15)
    assert not bed.after(hours=8, minutes=14)  # it was first seen a quarter of an hour after the start
    assert bed.after(hours=8, minutes=15)


def test_its_owner_sets_how_long() -> None:
    bed = at_work_since(15)
    bed.rows.settings.change(USER, ownWorkHours=1)
    assert not bed.after(hours=1, minutes=14)
    assert bed.after(hours=1, minutes=15)


def test_an_idle_time_that_is_longer_counts() -> None:
    bed = at_work_since(15)
    bed.rows.settings.change(USER, ownWorkHours=1)
    bed.rows.agents.keep_idle(USER, 120)
    assert not bed.after(hours=2, minutes=14)
    assert bed.after(hours=2, minutes=15)


def test_a_message_begins_the_time_anew() -> None:
    bed = at_work_since(15)
    bed.rows.settings.change(USER, ownWorkHours=1)
    accept(bed.store, now=NOON + timedelta(minutes=50))
    assert not bed.after(minutes=50)
    bed.store.write(Update(Table.TASK_STATE, agent_key(USER), add={"pending": -1}))
    assert not bed.after(hours=1, minutes=49)
    assert bed.after(hours=1, minutes=50)


def test_while_a_message_is_answered_nothing_is_told_of_its_work() -> None:
    bed = at_work_since(15)
    bed.work.attended()
    assert bed.rows.agents.get(USER).note is None
    accept(bed.store, now=NOON + timedelta(minutes=16))
    assert not bed.after(minutes=17)
    assert bed.gateway.questions == 1


def test_the_words_of_a_newer_epoch_stay() -> None:
    bed = at_work_since(15)
    newer = restarted(bed.store)
    bed.rows.agents.set_note(USER, newer.epoch, at_work(JOB))
    shown = len(bed.shown)
    bed.work.attended()
    assert bed.rows.agents.get(USER).note == at_work(JOB)
    assert len(bed.shown) == shown


def test_words_of_what_went_wrong_stay() -> None:
    bed = Bed()
    bed.rows.agents.set_note(USER, bed.agent.epoch, "backup_failing")
    bed.gateway.work = COMMAND
    assert not bed.after(minutes=15)
    bed.gateway.work = None
    assert not bed.after(minutes=16)
    assert bed.rows.agents.get(USER).note == "backup_failing"


def leaving(work: OwnWork | None, reason: str = "asked to shut down", text: str = "") -> Life:
    life = Life(Desk())
    life.desk.gateway.work = work
    if text:
        accept(life.desk.store, "m1", text)
    life.start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    if text:
        eventually(lambda: life.desk.gateway.asked, "the turn")
    life.lifecycle.request_stop(reason)
    life.ends()
    return life


def test_whoever_stops_it_in_the_middle_is_told_what_was_interrupted() -> None:
    life = leaving(OwnWork(commands=2))
    assert life.desk.rows.agents.get(USER).note == work_cut(OwnWork(commands=2))
    told = life.desk.push.last("page", "status")
    assert (told["status"], told["noteCode"], told["noteArgs"]) == ("idle", "work_cut", {"commands": 2})


def test_a_machine_that_was_taken_in_the_middle_leaves_the_same_words() -> None:
    assert leaving(JOB, "SIGTERM").desk.rows.agents.get(USER).note == work_cut(JOB)


def test_a_turn_that_is_given_back_is_no_work_of_its_own() -> None:
    life = leaving(OwnWork(turns=1), "SIGTERM", "slow one")
    assert life.desk.rows.agents.get(USER).note == RECLAIMED


def test_who_works_at_nothing_leaves_without_words() -> None:
    assert leaving(None).desk.rows.agents.get(USER).note is None


@pytest.mark.parametrize(("before", "after"), [(HALTED, HALTED), (None, work_cut(COMMAND))])
def test_its_owner_stops_it_and_the_words_of_the_kill_switch_stay(before: str | None, after: str) -> None:
    life = Life(Desk())
    life.desk.gateway.work = COMMAND
    life.start()
    eventually(lambda: life.state() is State.RUNNING, "running")
    agents, now = life.desk.rows.agents, life.desk.time.clock()
    agents.set_note(USER, life.epoch, before)
    agents.expire(USER, life.epoch, now, None)
    life.lifecycle.request_stop("SIGTERM")
    life.ends()
    assert agents.get(USER).note == after


def test_words_that_came_at_the_same_moment_stay() -> None:
    bed = at_work_since(15)
    seen = bed.rows.agents.get(USER)
    bed.rows.agents.set_note(USER, bed.agent.epoch, HALTED)
    assert bed.rows.agents.replace_note(seen, None) is None
    assert bed.rows.agents.get(USER).note == HALTED


def test_where_openclaw_is_not_there_nobody_waits_for_its_answer() -> None:
    bed = Bed()
    bed.gateway.ready, bed.gateway.work = False, COMMAND
    assert not bed.work.cut(answering=False)
    assert bed.gateway.questions == 0


def test_a_life_that_works_by_itself_outlives_its_idle_time() -> None:
    life = Life(Desk(), idle=SHORT)
    life.desk.gateway.work = COMMAND
    life.start()
    eventually(lambda: life.desk.rows.agents.get(USER).note == at_work(COMMAND), "the words")
    life.desk.gateway.work = None
    life.ends()
    agent = life.desk.rows.agents.get(USER)
    assert (agent.state, agent.note) == (State.IDLE, None)
