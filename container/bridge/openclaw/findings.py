"""What an exchange does with a transcript: entries of the table in exchange.py, for the answers of `chat.history`."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.failures import CUT_OFF, DIED, HUNG, classify
from chalicelib.domain.turn import Finished, StopReason
from container.bridge.openclaw.endings import Outputs, abort, conclude_by, cut, finish, show
from container.bridge.openclaw.endings import settle as settle_files
from container.bridge.openclaw.history import (
    Answered,
    Broken,
    Standing,
    Underway,
    Unknown,
    build_row,
    fill_in,
    find_turn,
    is_busy,
    list_active,
    list_calls,
    list_omitted,
)
from container.bridge.openclaw.moves import clear, fail, look, refuse, send, send_anew, send_by_name
from container.bridge.openclaw.phases import Ask, Deadline, Phase, Refused, Replied
from container.bridge.openclaw.progress import Cut, Doubt, Merger, Peer, Progress, Resumption, Verdict
from container.bridge.openclaw.protocol import Json

MOST_TRIES = 3
SILENT = Finished("", "stop", None)  # it has nothing to say, whatever one tries


def read(progress: Progress, reply: Replied, now: float) -> Outputs:
    progress.names.learn(reply.payload)
    return complete(progress, reply.payload, now)


def complete(progress: Progress, history: Json, now: float) -> Outputs:
    """One row after the other, until none of the message's is left out."""
    missing = list_omitted(history, progress.question.id)
    if not missing:
        return settle(progress, history, now)
    ask, asked_at = Ask("chat.message.get", build_row(progress.question.session, missing[0])), progress.at.asked_at
    progress.enter(Phase.COMPLETING, now, ask, history)
    progress.at = replace(progress.at, asked_at=asked_at)
    return [ask]


def fill(progress: Progress, reply: Replied, now: float) -> Outputs:
    return _put(progress, reply.ask, reply.payload.get("message"), now)


def skip(progress: Progress, notice: Refused, now: float) -> Outputs:
    """A row that cannot be had is left as it is."""
    if notice.refusal.retry_after is not None:
        return refuse(progress, notice, now)
    return _put(progress, progress.at.pending, None, now)


def _put(progress: Progress, ask: Ask | None, row: Json | None, now: float) -> Outputs:
    history = progress.at.held
    assert ask is not None and history is not None and not isinstance(history, Refused)
    return complete(progress, fill_in(history, ask.params["messageId"], row), now)


def settle(progress: Progress, history: Json, now: float) -> Outputs:
    standing = find_turn(history, progress.question.id)
    if isinstance(standing, Answered | Broken):
        heard = progress.run.end is not None or isinstance(progress.quest, Cut)
        ended = take(progress, standing, history, now) if heard else end(progress, standing, now)
        return [*recall(progress, history), *ended]
    match progress.quest:
        case Merger() as merger:
            return wait_merged(progress, merger, standing, now, busy=is_busy(history))
        case Verdict(summary):
            return finish(progress, classify(summary), now)
        case Doubt() if isinstance(standing, Unknown):
            return wait_unheard(progress, standing, history, now)
    if isinstance(standing, Unknown):
        given_up = set(progress.question.given_up)
        left = [*standing.resumed, *(run for run in list_active(history) if run in given_up)]
        return clear(progress, left, now) if left else send_by_name(progress, now)
    return [*subscribe(progress), *recall(progress, history), *join(progress, standing, now)]


def recall(progress: Progress, history: Json) -> Outputs:
    """What an earlier process saw of the tools, the transcript has as well."""
    return show(progress.run.recall(list_calls(history, progress.question.id, progress.question.session)))


def take(progress: Progress, standing: Answered | Broken, history: Json, now: float) -> Outputs:
    """Its words, where it was heard how it ended: the transcript may not know who ended it."""
    return [*show(progress.run.words.settle(standing.text)), *conclude_by(progress, history, now)]


def end(progress: Progress, standing: Answered | Broken, now: float) -> Outputs:
    if isinstance(standing, Broken):
        shown = show(progress.run.words.settle(standing.text))
        return [*shown, *fail(progress, standing.message, now, spoke=standing.spoke)]
    sends = progress.sends
    if standing.cancelled and not (sends.taken and sends.boot_id == progress.peer.boot_id):
        return send(progress, now)  # an earlier bridge had to go in the middle of it; nobody had cancelled
    shown = show(progress.run.words.settle(standing.text))
    if standing.cancelled:
        return [*shown, *cut(progress, Cut(CUT_OFF), now)]
    reason: StopReason = "length" if standing.cut_off else "stop"
    outcome = Finished(progress.run.text, reason, standing.usage, handed=standing.handed)
    return [*shown, *finish(progress, outcome, now)]


def counted(progress: Progress, reply: Replied, now: float) -> Outputs:
    """The transcript has the last word: after a crash it would be all there is."""
    history, message = reply.payload, progress.question.id
    standing, shown = find_turn(history, message), recall(progress, history)
    omitted = bool(list_omitted(history, message))
    if omitted and progress.sends.gaps and not progress.is_hurried and isinstance(standing, Answered | Broken):
        progress.sends = replace(progress.sends, gaps=0)
        return [*shown, *complete(progress, history, now)]
    if isinstance(standing, Answered | Broken) and standing.text and not omitted:
        shown += show(progress.run.words.settle(standing.text))
    handed = standing.handed if isinstance(standing, Answered) else ()
    if progress.run.files > len(handed) and settle_files(progress, history, now):
        return shown
    return [*shown, *conclude_by(progress, history, now)]


def subscribe(progress: Progress) -> Outputs:
    """Tool events go to the connection that sent the message and to those that ask for them, this way."""
    if progress.peer.subscribed:
        return []
    progress.peer = Peer(progress.peer.boot_id, subscribed=True)
    return [Ask("sessions.subscribe", {})]


def join(progress: Progress, standing: Underway, now: float) -> Outputs:
    progress.sends = replace(progress.sends, gaps=MOST_TRIES)
    ended = [run for run in standing.run_ids if progress.run.adopt(run)]
    if ended:  # since the transcript was asked, and what it said meanwhile was not heard
        return look(progress, Deadline(), now)
    shown = show(progress.run.words.rejoin(standing.said, standing.text))
    if not standing.active:
        return [*shown, *wait_resumed(progress, standing, now)]
    progress.enter(Phase.RUNNING, now)
    return shown


def tire(progress: Progress, now: float) -> Outputs:
    """What hangs in the session would swallow the next message as well."""
    return [*abort(progress, [*progress.run.run_ids, None]), *finish(progress, HUNG, now)]


def wait_unheard(progress: Progress, standing: Unknown, history: Json, now: float) -> Outputs:
    """It has a run, or is put into another one: it has said so, perhaps, when nobody listened."""
    if set(progress.run.run_ids) & set(list_active(history)):
        progress.enter(Phase.RUNNING, now)
        return []
    return wait_merged(progress, Merger(), standing, now, busy=is_busy(history))


def wait_resumed(progress: Progress, standing: Underway, now: float) -> Outputs:
    since = progress.quest.since if isinstance(progress.quest, Resumption) else None
    since = now if since is None else since
    waited = progress.at.asked_at - since
    if standing.expected and waited > progress.timeouts.resume:
        return tire(progress, now)
    idle = progress.sends.boot_id == progress.peer.boot_id or waited > progress.timeouts.decide
    if idle and not standing.expected:  # where one is expected, sending would give two runs and an empty answer
        return send(progress, now)
    progress.quest = Resumption(since)
    progress.enter(Phase.RESUMING, now)
    return []


def wait_merged(progress: Progress, merger: Merger, standing: Standing, now: float, *, busy: bool) -> Outputs:
    since = now if merger.since is None else merger.since
    quiet = None if busy else now if merger.quiet_since is None else merger.quiet_since
    asked_at = progress.at.asked_at
    if asked_at - since > progress.timeouts.resume:
        return tire(progress, now)
    if quiet is not None and asked_at - quiet > progress.timeouts.merged:
        return send_anew(progress, DIED if isinstance(standing, Unknown) else SILENT, now)
    progress.quest = Merger(since, quiet)
    progress.enter(Phase.MERGED, now)
    return []
