"""How an exchange ends, entries of the table in exchange.py: answered, cancelled, or cut. What was said stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.turn import Delta, Failed, Finished, Handed, StopReason, TurnEvent
from container.bridge.openclaw.history import Answered, build_turn, count_usage, find_turn
from container.bridge.openclaw.phases import Ask, Deadline, End, Input, Lost, Output, Phase, Refused, Replied, Show
from container.bridge.openclaw.progress import Cut, Progress
from container.bridge.openclaw.protocol import Closed, Json, RunEnded, RunEvent, RunFailed, build_abort

CERTAIN = (Phase.SENDING, Phase.RUNNING, Phase.CHECKING)  # where the ids of the message's runs are known
Outputs = list[Output]


def cut(progress: Progress, why: Cut, now: float) -> Outputs:
    """What was said before stays, and is counted."""
    progress.quest = why
    if progress.run.text or why.stop_reason == "declined":
        return count(progress, now)
    return finish(progress, why.failure, now)


def expire(progress: Progress, now: float) -> Outputs:
    minutes = round(progress.timeouts.limits.seconds / 60)
    return exceed(progress, failed("interrupted.too_long", minutes=str(minutes)), now)


def exhaust(progress: Progress, now: float) -> Outputs:
    return exceed(progress, failed("interrupted.too_many_steps", count=str(progress.timeouts.limits.calls)), now)


def exceed(progress: Progress, failure: Failed, now: float) -> Outputs:
    """It has had what a turn may have: ended, with all that it has said."""
    aborts = abort(progress, progress.run.run_ids)
    progress.quest = Cut(failure)
    progress.enter(Phase.STOPPING, now)
    progress.at = replace(progress.at, until=now + progress.timeouts.aside)
    return aborts


# The end


def count(progress: Progress, now: float) -> Outputs:
    """All of it, and what it cost, takes another request: the last words are shown before it."""
    latest = progress.at.until if progress.phase is Phase.STOPPING else None
    ask = _ask_for_all(progress, now)
    if latest is not None:
        progress.at = replace(progress.at, until=latest, since=-inf)
    return [Show(Delta("", last=True)), ask]


def recount(progress: Progress, notice: Input, now: float) -> Outputs:
    before = progress.at
    ask = _ask_for_all(progress, now)
    progress.at = replace(progress.at, since=before.since, held=before.held)
    return [ask]


def settle(progress: Progress, history: Json, now: float) -> bool:
    """Is the answer to be asked for again, since files that it names are not there yet?"""
    since = progress.at.since
    if now - since >= progress.timeouts.settle:
        return False
    progress.enter(Phase.SETTLING, now, held=history)
    progress.at = replace(progress.at, since=since)
    return True


def _ask_for_all(progress: Progress, now: float) -> Ask:
    ask = Ask("chat.history", build_turn(progress.question.session, progress.run.calls.count))
    progress.enter(Phase.COUNTING, now, ask)
    return ask


def uncounted(progress: Progress, notice: Input, now: float) -> Outputs:
    """Where not all of it was heard, the transcript is asked again, by another connection if need be."""
    sends, tried = progress.sends, isinstance(notice, Closed | Lost | Deadline | Refused)
    if progress.run.end is None or not sends.gaps or progress.is_hurried or not tried:
        return conclude_by(progress, _held(progress) or {}, now)
    progress.sends = replace(sends, gaps=sends.gaps - 1)
    if isinstance(notice, Refused):  # it has no time just now
        progress.enter(Phase.SETTLING, now, held=_held(progress))
        return []
    if not isinstance(notice, Deadline):
        progress.enter(Phase.DISCONNECTED, now)
        return []
    ask = _ask_for_all(progress, now)
    progress.at = replace(progress.at, until=now + progress.timeouts.answer)
    return [ask]


def _held(progress: Progress) -> Json | None:
    """What was counted before, while its files were not there yet."""
    return None if isinstance(progress.at.held, Refused) else progress.at.held


def hurry(progress: Progress, notice: Input, now: float) -> Outputs:
    """Cancelled when the answer is there already."""
    latest = min(progress.at.until, now + progress.timeouts.cancel)
    progress.at = replace(progress.at, until=latest, since=-inf)
    return []


def conclude_by(progress: Progress, history: Json, now: float) -> Outputs:
    """The answer that was heard, with its cost and its files as the transcript has them."""
    standing, usage = find_turn(history, progress.question.id), count_usage(history, progress.question.id)
    handed = standing.handed if isinstance(standing, Answered) else ()
    text, quest, end = progress.run.text, progress.quest, progress.run.end
    lost = tuple(Handed("", problem="lost") for _ in range(progress.run.files - len(handed)))
    if isinstance(quest, Cut):
        failure = quest.failure if quest.stop_reason == "broken" else None
        return finish(progress, Finished(text, quest.stop_reason, usage, failure, handed + lost), now)
    aborted, cut_off = isinstance(end, RunEnded) and end.aborted, isinstance(end, RunEnded) and end.cut_off
    reason: StopReason = "cancelled" if aborted else "length" if cut_off else "stop"
    return finish(progress, Finished(text, reason, usage, None, handed + lost), now)


def finish(progress: Progress, outcome: Finished | Failed, now: float) -> Outputs:
    """What was said is never thrown away."""
    if isinstance(outcome, Failed) and progress.run.text:
        outcome = Finished(progress.run.text, "broken", None, outcome)
    progress.enter(Phase.OVER, now)
    return [End(outcome)]


# Stopping


def stop(progress: Progress, notice: Input, now: float) -> Outputs:
    """Where OpenClaw may run the message under names that we do not know, all of its session ends."""
    certain = progress.phase in CERTAIN and not progress.unserved
    aborts = abort(progress, [*progress.run.run_ids, *([] if certain else [None])])
    progress.enter(Phase.STOPPING, now, progress.at.pending)
    return aborts


def stop_apart(progress: Progress, notice: Input, now: float) -> Outputs:
    """Without a connection, or one that is so new that we have not heard of it."""
    aborts = abort(progress, [*progress.run.run_ids, None]) if progress.may_be_there else []
    return [*aborts, *stopped(progress, notice, now)]


def stopped(progress: Progress, notice: Input, now: float) -> Outputs:
    if isinstance(progress.quest, Cut):
        return finish(progress, progress.quest.failure, now)
    return finish(progress, Finished(progress.run.text, "cancelled", None), now)


def confirm(progress: Progress, event: RunEvent, now: float) -> Outputs:
    shown, end = show(progress.run.receive(event)), progress.run.end
    if end is None:
        return shown
    if isinstance(end, RunFailed) or progress.run.is_merged:
        return [*shown, *stopped(progress, event, now)]
    return [*shown, *count(progress, now)]


def insist(progress: Progress, reply: Replied, now: float) -> Outputs:
    """The message was being sent when it was cancelled: its run may have begun behind the abort."""
    progress.at = replace(progress.at, pending=None)
    return abort(progress, progress.run.run_ids) if reply.ask.method == "chat.send" else []


def abort(progress: Progress, runs: Iterable[str | None]) -> Outputs:
    return [Ask("chat.abort", build_abort(progress.question.session, run)) for run in runs]


def show(events: Iterable[TurnEvent]) -> Outputs:
    return [Show(event) for event in events]
