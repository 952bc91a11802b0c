"""What an exchange does at each input: the entries of the table in exchange.py. No socket, thread, queue or clock.

`chat.send` is safe to repeat while OpenClaw lives: it knows the message id. A new OpenClaw does not, but its
transcript does, and it resumes by itself what was interrupted. So after every new connection the transcript is asked
first, an OpenClaw that was started again gets a moment to resume, and only then the message is sent once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.failures import CUT_OFF, DIED, HUNG, UNAVAILABLE, classify, is_declined, is_strange
from chalicelib.domain.failures import refuse as explain
from chalicelib.domain.turn import Failed, Finished, Waiting
from container.bridge.openclaw.endings import Outputs, abort, conclude_by, count, cut, exhaust, expire, finish, show
from container.bridge.openclaw.history import build_history
from container.bridge.openclaw.phases import (
    Ask,
    Deadline,
    DropConnection,
    Input,
    Phase,
    Refused,
    Replied,
    RestartOpenClaw,
    Show,
)
from container.bridge.openclaw.progress import Cut, Doubt, Merger, Peer, Progress, Resumption, Verdict
from container.bridge.openclaw.protocol import (
    Opened,
    RunEvent,
    RunFailed,
    build_abort,
    build_choice,
    build_send,
)

MOST_SENDS = 2
MOST_LOST = 5  # connections that went away when the message was sent, one after the other


def ignore(progress: Progress, notice: Input, now: float) -> Outputs:
    return []


# The connection


def meet(progress: Progress, notice: Opened, now: float) -> Outputs:
    """Whoever it is: the same OpenClaw remembers the message, another one has its transcript."""
    gone: Outputs = []
    if notice.boot_id != progress.peer.boot_id:
        gone = show(progress.run.restart())
        progress.quest = progress.quest if isinstance(progress.quest, Cut) else Resumption()
        progress.note_served()
    progress.peer = Peer(notice.boot_id, unserved_since=progress.peer.unserved_since)
    return [*gone, *choose(progress, now)]


def leave(progress: Progress, notice: Input, now: float) -> Outputs:
    if isinstance(progress.quest, Verdict):
        progress.quest = Resumption()
    progress.enter(Phase.DISCONNECTED, now)
    return []


def drop(progress: Progress, notice: Input, now: float) -> Outputs:
    """No answer to a request on which all depends: another connection may get one, if OpenClaw is alive."""
    since = progress.note_unserved(progress.at.since)
    if now - since >= progress.timeouts.alive:
        return check(progress, now)
    return [DropConnection(), *leave(progress, notice, now)]


def check(progress: Progress, now: float) -> Outputs:
    since, ask = progress.at.since, Ask("health", {})
    progress.enter(Phase.CHECKING, now, ask)
    progress.at = replace(progress.at, since=since)
    return [ask]


def give_up(progress: Progress, notice: Deadline, now: float) -> Outputs:
    """A start that takes long is not begun again, for it would take as long."""
    if notice.starting and now < (latest := progress.at.since + progress.timeouts.start):
        progress.at = replace(progress.at, until=min(now + progress.timeouts.aside, latest))
        return []
    if progress.run.end is not None:
        return [RestartOpenClaw(), *conclude_by(progress, {}, now)]
    return [RestartOpenClaw(), *finish(progress, UNAVAILABLE, now)]


def refuse(progress: Progress, refused: Refused, now: float) -> Outputs:
    if refused.refusal.retry_after is None:
        return finish(progress, explain(refused.refusal.message), now)
    if now - progress.note_unserved(now) > progress.timeouts.resume:
        return finish(progress, UNAVAILABLE, now)
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
    """The model and the mode, where others are wanted than OpenClaw was told last."""
    choice = progress.question.choice
    if choice is None or progress.sends.chosen:
        return begin(progress, now)
    ask = Ask("sessions.patch", build_choice(progress.question.session, choice))
    progress.enter(Phase.CHOOSING, now, ask)
    return [ask]


def chosen(progress: Progress, reply: Replied, now: float) -> Outputs:
    progress.sends = replace(progress.sends, chosen=True)
    told = [Show(progress.question.choice)] if progress.question.choice else []
    return [*told, *begin(progress, now)]


def begin(progress: Progress, now: float) -> Outputs:
    if progress.run.end is not None:  # all that is left to do is to read what it has said
        return count(progress, now)
    return look(progress, Deadline(), now) if progress.may_be_there else send(progress, now)


def look(progress: Progress, notice: Input, now: float) -> Outputs:
    ask = Ask("chat.history", build_history(progress.question.session))
    progress.run.words.mark()
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
    progress.run.adopt(progress.names.choose())
    return send(progress, now)


def send_anew(progress: Progress, otherwise: Finished | Failed, now: float) -> Outputs:
    """Under a name of its own: the names used so far are answered with what became of them."""
    if not progress.names.renew():
        return finish(progress, otherwise, now)
    progress.run.words.restart("")
    return send_by_name(progress, now)


def send(progress: Progress, now: float) -> Outputs:
    boot, sends, question = progress.peer.boot_id, progress.sends, progress.question
    progress.quest = Resumption()
    taken = sends.taken and sends.boot_id == boot
    if sends.boot_id != boot:  # it begins anew there: what an earlier attempt has said is no part of it
        progress.run.words.restart("")
    progress.sends = replace(sends, boot_id=boot, times=sends.times + (sends.boot_id != boot), taken=taken)
    if progress.sends.times > MOST_SENDS:
        return finish(progress, DIED, now)
    order = build_send(question.session, progress.names.current, question.text, question.attachments)
    ask = Ask("chat.send", order)
    progress.enter(Phase.SENDING, now, ask)
    return [ask]


def sent(progress: Progress, reply: Replied, now: float) -> Outputs:
    progress.sends = replace(progress.sends, taken=True, lost=0)
    summary = str(reply.payload.get("summary") or "interrupted")
    if reply.payload.get("status") == "started":
        progress.enter(Phase.RUNNING, now)
        return []
    if reply.payload.get("status") == "in_flight":
        progress.quest = Doubt()
        return look(progress, reply, now)
    if summary == "aborted":
        return finish(progress, Finished(progress.run.text, "cancelled", None), now)
    progress.quest = Verdict(summary)
    return look(progress, reply, now)


def lose(progress: Progress, notice: Input, now: float) -> Outputs:
    """The connection went away when the message was sent: perhaps because of it, where that comes again and again."""
    progress.sends = replace(progress.sends, lost=progress.sends.lost + 1)
    return leave(progress, notice, now) if progress.sends.lost < MOST_LOST else finish(progress, DIED, now)


# The events of runs


def follow(progress: Progress, event: RunEvent, now: float) -> Outputs:
    return [*show(progress.run.receive(event)), *conclude(progress, now)]


def hear(progress: Progress, event: RunEvent, now: float) -> Outputs:
    """A sign of life: the time begins again."""
    outputs = follow(progress, event, now)
    if progress.phase not in (Phase.RUNNING, Phase.CHECKING) or progress.unserved:
        return outputs
    if progress.run.calls.count > progress.timeouts.limits.calls:
        return [*outputs, *exhaust(progress, now)]
    if progress.is_spent(now):
        return [*outputs, *expire(progress, now)]
    progress.enter(Phase.RUNNING, now)
    return outputs


def wonder(progress: Progress, notice: Input, now: float) -> Outputs:
    """A model may think for as long as it likes; whether OpenClaw is alive is another question."""
    if progress.is_spent(now):
        return expire(progress, now)
    waiting = [] if progress.run.calls.any_open else [Show(Waiting(round(now - progress.at.since)))]
    return [*waiting, *check(progress, now)]


def alive(progress: Progress, notice: Input, now: float) -> Outputs:
    since = progress.at.since
    if progress.unserved and now - progress.note_unserved(now) > progress.timeouts.resume:
        return finish(progress, UNAVAILABLE, now)
    if progress.unserved:
        return [DropConnection(), *leave(progress, notice, now)]
    progress.enter(Phase.RUNNING, now)
    progress.at = replace(progress.at, since=since)
    return []


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
    return cut(progress, Cut(CUT_OFF), now) if unwanted else count(progress, now)


def fail(progress: Progress, message: str, now: float, *, spoke: bool = False) -> Outputs:
    """What failed strangely, where an earlier run of it has left its traces, gets one more run without them."""
    if is_declined(message):
        return cut(progress, Cut(classify(message), "declined"), now)
    if progress.names.has_past and is_strange(message) and not spoke:
        progress.run.reopen()
        return send_anew(progress, classify(message), now)
    return cut(progress, Cut(classify(message)), now)


def hang(progress: Progress, notice: Input, now: float) -> Outputs:
    return [*abort(progress, progress.run.run_ids), RestartOpenClaw(), *finish(progress, HUNG, now)]
