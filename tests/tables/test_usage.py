from datetime import timedelta

from chalicelib.store import Store
from chalicelib.tables.agents import Agents
from chalicelib.tables.answers import Answers
from chalicelib.tables.usage import UsageRows
from tests.fakes.clock import NOON
from tests.tables.scenes import USER, accept, claimed, ended, running


def answered(store: Store, epoch: int, days_ago: int) -> None:
    now = NOON - timedelta(days=days_ago)
    accept(store, f"m{days_ago}", now=now)
    mine = claimed(store, epoch, now)
    assert Answers(store).commit(mine, epoch, ended(mine, now=now), now)


def test_days_count_on_which_the_user_wrote_in_this_hour(store: Store) -> None:
    epoch = running(store).epoch
    for days_ago in (0, 1, 2, 5, 20):
        answered(store, epoch, days_ago)

    assert UsageRows(store).days_active(USER, NOON.hour, NOON, days=14) == 3
    assert UsageRows(store).days_active(USER, NOON.hour + 1, NOON, days=14) == 0


def test_an_agent_that_sleeps_until_a_cron_job_stays_in_the_index(store: Store) -> None:
    agent = running(store)
    due = NOON + timedelta(hours=3)
    asleep = Agents(store).stopped(agent, NOON, next_wake_at=due)

    assert asleep and asleep.next_wake_at == due
    assert not Agents(store).rest(asleep)
    assert [each.user_id for each in Agents(store).active()] == [USER]
    woken = Agents(store).begin(asleep, "ab" * 32, due)
    assert woken and woken.next_wake_at is None


def test_the_idle_time_of_a_busy_hour_ends_with_its_epoch(store: Store) -> None:
    agent = running(store)
    assert Agents(store).wait_longer(USER, agent.epoch, 1800)
    assert not Agents(store).wait_longer(USER, agent.epoch + 1, 1800)
    assert Agents(store).get(USER).idle_seconds == 1800
    asleep = Agents(store).stopped(agent, NOON)
    assert asleep and asleep.idle_seconds is None
