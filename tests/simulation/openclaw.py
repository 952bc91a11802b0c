"""OpenClaw in the simulation: streams answers, keeps a transcript, crashes, hangs, resumes what was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from chalicelib.domain.turn import Delta, Failed
from tests.simulation.ports import Line
from tests.simulation.scheduler import Process

BROKEN = Failed("model_error", "The model's provider failed. Send it again.", retryable=True)
WORDS = ("yes", "안녕", "naïve", "🎉", "\n\n", "code", "**bold**", "well", "…", "다음", "x" * 300)


@dataclass
class Run:
    """What the transcript says of one message."""

    message_id: str
    session: str
    question: str
    attempt: int
    boot: int
    text: str = ""
    state: str = "running"  # running, done, cancelled, failed
    tool: bool = False  # a tool works, so that silence is no hang


class OpenClaw:
    """One task's OpenClaw over its state folder, and the supervisor that starts it again."""

    def __init__(self, line: Line, user: str, name: str, seed: int) -> None:
        self.line, self.user, self._name, self._seed = line, user, name, seed
        self.transcript: dict[str, Run] = {}
        self.boot = 0
        self.up = False
        self.kill_task: Callable[[], None] = lambda: None
        self.heard_at: float | None = None  # when a run gave its last sign of life
        self.news: Callable[[], None] = lambda: None
        self._process: Process | None = None
        self._gone = False

    def start(self) -> None:
        """A new process over the same folder."""
        if self._gone:
            return
        self.boot += 1
        self._process = Process(f"{self._name} boot {self.boot}", user=self.user)
        slow = self.line.faults.strike("openclaw_slow")
        delay = self.line.random.uniform(60, 200) if slow else self.line.random.uniform(2, 12)
        self.line.scheduler.spawn(self._process, self._open, "openclaw", delay)

    def crash(self, why: str) -> None:
        if self._process is None or self._gone:
            return
        self.line.history.note("openclaw_died", user=self.user, why=why, cut=self._running())
        self.line.scheduler.kill(self._process)
        self._process, self.up = None, False
        self.news()
        self.line.scheduler.after(self.line.random.uniform(0.5, 5), self.start)

    def end(self) -> None:
        """The task ends, and OpenClaw with it."""
        self._gone = True
        self.line.history.note("openclaw_died", user=self.user, why="the task ended", cut=self._running())
        if self._process:
            self.line.scheduler.kill(self._process)
        self.up = False

    def send(self, message_id: str, session: str, question: str) -> None:
        """chat.send: a message that runs already is not run again."""
        known = self.transcript.get(message_id)
        if known and known.boot == self.boot:
            return
        attempt = known.attempt + 1 if known else 1
        self.transcript[message_id] = Run(message_id, session, question, attempt, self.boot)
        self._launch(self.transcript[message_id], asked=True)

    def abort(self, message_id: str) -> None:
        run = self.transcript.get(message_id)
        if run and run.state == "running" and run.boot == self.boot:
            run.state = "cancelled"
            self.news()

    def underway(self, message_id: str) -> bool:
        run = self.transcript.get(message_id)
        return bool(run and self.up and run.state == "running" and run.boot == self.boot)

    def _running(self) -> list[str]:
        return [run.message_id for run in self.transcript.values() if run.state == "running"]

    def _open(self) -> None:
        """It resumes by itself what was interrupted, or leaves that to whoever asks."""
        self.up = True
        self.news()
        for run in list(self.transcript.values()):
            if run.state == "running" and run.boot != self.boot and self.line.random.random() < 0.5:
                self.line.history.count("OpenClaw resumed a turn by itself")
                run.boot, run.attempt, run.tool = self.boot, run.attempt + 1, False
                self._launch(run, asked=False)

    def _launch(self, run: Run, *, asked: bool) -> None:
        assert self._process
        facts = {"user": self.user, "message": run.message_id, "question": run.question}
        self.line.history.note("llm_run", attempt=run.attempt, session=run.session, asked=asked, **facts)
        self.line.scheduler.spawn(self._process, lambda: self._answer(run), f"run {run.message_id}")

    def _answer(self, run: Run) -> None:
        dice = Random(f"{self._seed}/{run.message_id}/{run.attempt}/{self.boot}")
        faults = self.line.faults
        if "KILL" in run.question and faults.strike("poison"):
            self.line.scheduler.pause(dice.uniform(0.1, 2))
            self.line.scheduler.after(0.0, self.kill_task)
        crash, hang, broken = (faults.strike(f"openclaw_{kind}") for kind in ("crash", "hang", "fails"))
        if dice.random() < 0.2:
            run.text = ""
        for event in script(dice, run.question):
            self.line.scheduler.pause(dice.expovariate(3.0))
            if run.state != "running":
                return
            self._tell(run, event)
            if (crash or hang or broken) and dice.random() < 0.1:
                break
        if crash:
            self.line.history.count("OpenClaw crashed in a turn")
            self.crash("out of memory")
        elif hang:
            self.line.history.count("OpenClaw hung in a turn")
        else:
            self._finish(run, "failed" if broken else "done")

    def _tell(self, run: Run, event: Delta | float) -> None:
        self.heard_at = self.line.scheduler.now
        match event:
            case Delta():
                run.text = event.text if event.replace else run.text + event.text
                self.news()
            case float():
                run.tool = True
                self.line.scheduler.pause(event)
                run.tool = False

    def _finish(self, run: Run, state: str) -> None:
        if run.state == "running":
            run.state = state
            self.line.history.note("llm_end", user=self.user, message=run.message_id, text=run.text, state=state)
            self.news()


def script(dice: Random, question: str) -> list[Delta | float]:
    """What the model says: words, now and then all of it anew, a tool that takes its time, or very much at once."""
    events: list[Delta | float] = [Delta(f"To {question!r}: ")]
    for _ in range(dice.choice((0, 2, 5, 20))):
        events.append(Delta(" ".join(dice.choice(WORDS) for _ in range(dice.randint(1, 6)))))
    if dice.random() < 0.08:
        events.append(dice.uniform(100, 420))
        events.append(Delta("That took a while."))
    if dice.random() < 0.1:
        events.append(Delta("No: let me begin again. ", replace=True))
    if dice.random() < 0.05:
        events.append(Delta("긴 글 " * 6000))
    events.append(Delta(f" ({dice.randrange(10**6)})"))
    return events
