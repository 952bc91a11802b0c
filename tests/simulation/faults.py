"""What may go wrong, how often, and when. Each history has its own weather: some faults often, some never."""

from __future__ import annotations

from random import Random

from tests.simulation.history import History
from tests.simulation.plan import Plan
from tests.simulation.scheduler import Scheduler

CHANCES = {  # of one call, or of one thing that could go wrong
    "store_error": 0.01,  # before the effect
    "store_lost": 0.01,  # the effect, then a time-out
    "store_repeat": 0.008,  # the SDK repeats a write whose answer was lost
    "store_late": 0.004,  # a time-out, then the effect
    "store_slow": 0.01,
    "store_outage": 0.0006,  # ten to forty seconds in which nothing is read or written
    "index_stale": 0.3,  # the watchdog reads an old list
    "lambda_killed": 0.006,  # at a call of a port
    "lambda_slow": 0.02,  # to begin: frames overtake each other
    "frame_lost": 0.02,
    "frame_doubled": 0.03,
    "connect_failed": 0.05,
    "tick_lost": 0.2,
    "tick_doubled": 0.1,
    "tick_late": 0.2,
    "run_refused": 0.2,  # failures[] for this kind of capacity
    "run_throttled": 0.08,
    "run_broken": 0.06,  # 5xx, no task
    "run_lost": 0.2,  # a task, no answer
    "start_never": 0.12,
    "start_slow": 0.3,
    "list_lags": 0.5,
    "describe_error": 0.1,
    "describe_missing": 0.05,
    "stop_error": 0.1,
    "spot_reclaim": 0.25,  # of a task's life
    "sigkill": 0.3,  # of a task's life
    "bell_lost": 0.1,
    "bell_late": 0.1,  # heard, and the answer came too late
    "push_error": 0.02,
    "push_lost": 0.02,  # pushed, and the answer was lost
    "push_busy": 0.04,  # 429
    "push_stuck": 0.01,  # the browser's buffer stays full for some time
    "push_void": 0.02,  # API Gateway says 200, the browser is gone
    "openclaw_crash": 0.12,  # of a run
    "openclaw_hang": 0.05,  # of a run: all of OpenClaw stands still from then on
    "model_silent": 0.1,  # of a run: for ten minutes, in its middle
    "openclaw_fails": 0.08,  # the model's provider, also in the middle of an answer
    "model_loops": 0.02,  # of a run: it uses tools for ever
    "s3_error": 0.02,
    "s3_lost": 0.02,
    "s3_outage": 0.003,
    "s3_repeat": 0.02,
    "openclaw_slow": 0.1,
    "poison": 0.8,  # of a run of a message that kills: it takes the whole task with it
    "page_drops": 0.3,  # per wait of a user
    "chat_busy": 0.05,  # 429
    "chat_error": 0.03,  # before the effect
    "chat_lost": 0.03,  # the effect, then a time-out
    "chat_markup": 0.1,  # 400: it cannot read the entities
    "update_doubled": 0.1,
    "update_late": 0.1,  # once more, an hour later
    "session_busy": 0.03,  # a job of OpenClaw's own runs where a message comes
    "gateway_slow": 0.15,  # one answer of OpenClaw's comes seconds late
    "gateway_busy": 0.04,  # for some seconds it takes no request
    "gateway_refuses": 0.04,  # not yet: try again
    "gateway_silent": 0.01,  # an answer that never comes
    "gateway_lost": 0.02,  # the socket breaks behind a request
    "update_overtakes": 0.2,  # it does not wait for the one before it
    "held": 0.1,  # somebody holds a database of the workspace, for a while or for ever
}
MOODS = (0.0, 0.0, 0.3, 1.0, 1.0, 3.0)
MOST = 0.9


class Faults:
    def __init__(self, plan: Plan, scheduler: Scheduler, history: History) -> None:
        self.has_short_tokens = plan.seed % 2 == 0  # else a page that comes anew wakes whom a fault left waiting
        self._scheduler, self._history = scheduler, history
        self._random = Random(f"{plan.seed}/faults")
        self._until, self._only = plan.storm, plan.only
        weather = Random(f"{plan.seed}/weather")
        calm = weather.random() < 0.05  # a history without any: what fails here needs none
        moods = {kind: weather.choice(MOODS) for kind in CHANCES}
        none = set(CHANCES) if calm else plan.without
        self.chances = {
            kind: min(MOST, CHANCES[kind] * mood) for kind, mood in moods.items() if mood and kind not in none
        }
        self.struck = 0

    @property
    def over(self) -> bool:
        return self._scheduler.now >= self._until

    def strike(self, kind: str) -> bool:
        """Does it go wrong here and now?"""
        chance = self.chances.get(kind)
        if chance is None or self.over or self._random.random() >= chance:
            return False
        self.struck += 1
        if self._only is not None and self.struck not in self._only:
            return False
        self._history.note("fault", fault=kind, number=self.struck)
        return True

    def between(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)
