"""What an exchange does at each input: the entries of the table in exchange.py. No socket, thread, queue or clock.

`chat.send` is safe to repeat while OpenClaw lives: it knows the message id. A new OpenClaw does not, but its
transcript does, and it resumes by itself what was interrupted. So after every new connection the transcript is asked
first, an OpenClaw that was started again gets a moment to resume, and only then the message is sent once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.failures import CUT_OFF, DIED, HUNG, UNAVAILABLE, classify, is_strange
from chalicelib.domain.turn import Choice, Delta, Failed, Finished, TurnEvent, Usage
from container.bridge.openclaw.history import build_history, build_usage, sum_usage
from container.bridge.openclaw.phases import (
    Ask,
    Deadline,
    DropConnection,
    End,
    Input,
    Output,
    Phase,
    Refused,
    Replied,
    RestartOpenClaw,
    Show,
)
from container.bridge.openclaw.progress import Merger, Peer, Progress, Resumption, Verdict
from container.bridge.openclaw.protocol import (
    Opened,
    RunEnded,
    RunEvent,
    RunFailed,
    build_abort,
    build_choice,
    build_send,
)

MOST_SENDS = 2
CERTAIN = (Phase.SENDING, Phase.RUNNING)  # where the ids of the message's runs are known
Outputs = list[Output]


def ignore(progress: Progress, notice: Input, now: float) -> Outputs:
    return []


# The connection


def meet(progress: Progress, notice: Opened, now: float) -> Outputs:
    """Whoever it is: the same OpenClaw remembers the message, another one has its transcript."""
    if notice.boot_id != progress.peer.boot_id:
        progress.run.restart()
        progress.quest = Resumption()
    progress.peer = Peer(notice.boot_id)
    return choose(progress, now)


def leave(progress: Progress, notice: Input, now: float) -> Outputs:
    if isinstance(progress.quest, Verdict):
        progress.quest = Resumption()
    progress.enter(Phase.DISCONNECTED, now)
    return []


def drop(progress: Progress, notice: Input, now: float) -> Outputs:
    """No answer to a request on which all depends."""
    return [DropConnection(), *leave(progress, notice, now)]


def give_up(progress: Progress, notice: Input, now: float) -> Outputs:
    return [RestartOpenClaw(), *finish(progress, UNAVAILABLE, now)]


def refuse(progress: Progress, refused: Refused, now: float) -> Outputs:
    if refused.refusal.retry_after is None:
        return finish(progress, classify(refused.refusal.message), now)
    progress.enter(Phase.REFUSED, now, held=refused)
    return []


def again(progress: Progress, notice: Input, now: float) -> Outputs:
    """What was refused."""
    held = progress.at.held
    match held.ask.method if isinstance(held, Refused) else "":
        case "chat.send":
            return send(progress, now)
        case "sessions.patch":
            return choose(progress, now)
    return look(progress, notice, now)


# Asking and sending


def choose(progress: Progress, now: float) -> Outputs:
    """The model, where another one is wanted than OpenClaw was told last."""
    choice = progress.question.choice
    if choice is None or progress.sends.chosen:
        return begin(progress, now)
    ask = Ask("sessions.patch", build_choice(progress.question.session, choice.model))
    progress.enter(Phase.CHOOSING, now, ask)
    return [ask]


def chosen(progress: Progress, reply: Replied, now: float) -> Outputs:
    progress.sends = replace(progress.sends, chosen=True)
    return [Show(Choice(reply.ask.params["model"])), *begin(progress, now)]


def begin(progress: Progress, now: float) -> Outputs:
    return look(progress, Deadline(), now) if progress.may_be_there else send(progress, now)


def look(progress: Progress, notice: Input, now: float) -> Outputs:
    ask = Ask("chat.history", build_history(progress.question.session))
    progress.enter(Phase.LOOKING, now, ask)
    progress.at = replace(progress.at, asked_at=now)
    return [ask]


def clear(progress: Progress, runs: Iterable[str], now: float) -> Outputs:
    """Ends runs that nobody wants; the message is sent when the last abort is answered."""
    asks = [Ask("chat.abort", build_abort(progress.question.session, run)) for run in dict.fromkeys(runs)]
    progress.enter(Phase.CLEARING, now, asks[-1])
    return [*asks]


def cleared(progress: Progress, notice: Input, now: float) -> Outputs:
    return send_by_name(progress, now)


def send_by_name(progress: Progress, now: float) -> Outputs:
    """Under a name that OpenClaw has not lost."""
    shown = show(progress.run.adopt(progress.names.choose()))
    return [*shown, *send(progress, now)]


def send_anew(progress: Progress, otherwise: Finished | Failed, now: float) -> Outputs:
    """Under a name of its own: the names used so far are answered with what became of them."""
    return send_by_name(progress, now) if progress.names.renew() else finish(progress, otherwise, now)


def send(progress: Progress, now: float) -> Outputs:
    boot, sends, question = progress.peer.boot_id, progress.sends, progress.question
    progress.quest = Resumption()
    progress.sends = replace(sends, boot_id=boot, times=sends.times + (sends.boot_id != boot))
    if progress.sends.times > MOST_SENDS:
        return finish(progress, DIED, now)
    order = build_send(question.session, progress.names.current, question.text, question.attachments)
    ask = Ask("chat.send", order)
    progress.enter(Phase.SENDING, now, ask)
    return [ask]


def sent(progress: Progress, reply: Replied, now: float) -> Outputs:
    summary = str(reply.payload.get("summary") or "interrupted")
    if reply.payload.get("status") in ("started", "in_flight"):
        progress.enter(Phase.RUNNING, now)
        return []
    if summary == "aborted":
        return finish(progress, Finished(progress.run.text, "cancelled", None), now)
    progress.quest = Verdict(summary)
    return look(progress, reply, now)


# The events of runs


def follow(progress: Progress, event: RunEvent, now: float) -> Outputs:
    return [*show(progress.run.receive(event)), *conclude(progress, now)]


def hear(progress: Progress, event: RunEvent, now: float) -> Outputs:
    """A sign of life: the time begins again."""
    outputs = follow(progress, event, now)
    if progress.phase is Phase.RUNNING:
        progress.enter(Phase.RUNNING, now)
    return outputs


def resume(progress: Progress, event: RunEvent, now: float) -> Outputs:
    outputs = follow(progress, event, now)
    if progress.phase is Phase.RESUMING and event.run_id in progress.run.run_ids:
        progress.enter(Phase.RUNNING, now)
    return outputs


def conclude(progress: Progress, now: float) -> Outputs:
    """Goes on from the end of the run, if it has come."""
    end = progress.run.end
    if end is None:
        return []
    if isinstance(end, RunFailed):
        return fail(progress, end.message, now)
    if progress.run.is_merged:
        progress.run.reopen()
        progress.quest = Merger()
        return look(progress, Deadline(), now)
    unwanted = end.aborted and end.run_id not in progress.question.given_up  # those we have aborted ourselves
    return finish(progress, CUT_OFF, now) if unwanted else count(progress, now)


def fail(progress: Progress, message: str, now: float) -> Outputs:
    """What failed strangely, where an earlier run of it has left its traces, gets one more run without them."""
    if progress.names.has_past and is_strange(message):
        progress.run.reopen()
        return send_anew(progress, classify(message), now)
    return finish(progress, classify(message), now)


def hang(progress: Progress, notice: Input, now: float) -> Outputs:
    return [*abort(progress, progress.run.run_ids), RestartOpenClaw(), *finish(progress, HUNG, now)]


# The end


def count(progress: Progress, now: float) -> Outputs:
    """What the answer cost takes another request: the last words are shown before it."""
    ask = Ask("chat.history", build_usage(progress.question.session, progress.run.tool_calls))
    latest = progress.at.until if progress.phase is Phase.STOPPING else None
    progress.enter(Phase.COUNTING, now, ask)
    if latest is not None:
        progress.at = replace(progress.at, until=latest)
    return [Show(Delta("", last=True)), ask]


def counted(progress: Progress, reply: Replied, now: float) -> Outputs:
    return _end(progress, sum_usage(reply.payload, progress.question.id), now)


def uncounted(progress: Progress, notice: Input, now: float) -> Outputs:
    return _end(progress, None, now)


def hurry(progress: Progress, notice: Input, now: float) -> Outputs:
    """Cancelled when the answer is there already."""
    latest = min(progress.at.until, now + progress.timeouts.cancel)
    progress.at = replace(progress.at, until=latest)
    return []


def _end(progress: Progress, usage: Usage | None, now: float) -> Outputs:
    end = progress.run.end
    aborted = isinstance(end, RunEnded) and end.aborted
    return finish(progress, Finished(progress.run.text, "cancelled" if aborted else "stop", usage), now)


def finish(progress: Progress, outcome: Finished | Failed, now: float) -> Outputs:
    progress.enter(Phase.OVER, now)
    return [End(outcome)]


# Stopping


def stop(progress: Progress, notice: Input, now: float) -> Outputs:
    """Where OpenClaw may run the message under names that we do not know, all of its session ends."""
    aborts = abort(progress, [*progress.run.run_ids, *([] if progress.phase in CERTAIN else [None])])
    progress.enter(Phase.STOPPING, now, progress.at.pending)
    return aborts


def stop_apart(progress: Progress, notice: Input, now: float) -> Outputs:
    """Without a connection, or one that is so new that we have not heard of it."""
    aborts = abort(progress, [*progress.run.run_ids, None]) if progress.may_be_there else []
    return [*aborts, *stopped(progress, notice, now)]


def stopped(progress: Progress, notice: Input, now: float) -> Outputs:
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
