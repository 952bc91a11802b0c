"""OpenClaw in the simulation: its gateway's answers and events; crashes, hangs, resumes what was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from random import Random
from typing import Any

from chalicelib.domain.turn import Delta, Tool
from container.bridge.openclaw.protocol import RunEnded, RunEvent, RunFailed, RunText, RunTool
from container.bridge.openclaw.supervisor import JUST_READY
from tests.simulation.own_work import Background
from tests.simulation.ports import Line
from tests.simulation.scheduler import Process
from tests.simulation.speech import loop, script, think
from tests.simulation.transcript import FAILED, Run, find_row, history, standing

Json = Mapping[str, Any]


class OpenClaw:
    """One task's OpenClaw over its state folder, and the supervisor that starts it again."""

    def __init__(self, line: Line, user: str, name: str, seed: int) -> None:
        self.line, self.user, self.name, self._seed = line, user, name, seed
        self.transcript: list[Run] = []
        self.boot = 0
        self.up = False
        self.hangs = False  # it answers nothing and says nothing
        self.files: dict[str, bytes] = {}  # that its runs have handed over
        self.kill_task: Callable[[], None] = lambda: None
        self.changed: Callable[[], None] = lambda: None  # it came up, or went down
        self.emit: Callable[[RunEvent], None] = lambda event: None
        self.sessions = Sessions(self)
        self._process: Process | None = None
        self._gone = False
        self._up_at = 0.0

    @property
    def starting(self) -> bool:
        """As its supervisor says."""
        return self._process is not None and (not self.up or self.line.scheduler.now - self._up_at < JUST_READY)

    @property
    def boot_id(self) -> str:
        return f"{self.name} boot {self.boot}"

    def start(self) -> None:
        """A new process over the same folder."""
        if self._gone:
            return
        self.boot += 1
        self._process = Process(self.boot_id, user=self.user)
        slow = self.line.faults.strike("openclaw_slow")
        delay = self.line.random.uniform(60, 200) if slow else self.line.random.uniform(2, 12)
        self.line.scheduler.spawn(self._process, self._open, "openclaw", delay)

    def hang(self) -> None:
        self.hangs = True
        self.sessions.background.die()
        if self._process:
            self.line.scheduler.kill(self._process)

    def crash(self, why: str) -> None:
        if self._process is None or self._gone:
            return
        self._die(why)
        self._process = None
        self.changed()
        self.line.scheduler.after(self.line.random.uniform(0.5, 5), self.start)

    def end(self) -> None:
        """The task ends, and OpenClaw with it."""
        self._gone = True
        self._die("the task ended")

    def launch(self, work: Callable[[], None], name: str, delay: float = 0.0) -> None:
        """In the process that runs now, and no longer than it lives."""
        assert self._process
        self.line.scheduler.spawn(self._process, work, name, delay)

    def dice(self, run: Run) -> Random:
        return Random(f"{self._seed}/{run.id}/{run.attempt}/{self.boot}")

    def _die(self, why: str) -> None:
        cut = [run.message_id for run in self.transcript if run.state == "running"]
        self.line.history.note("openclaw_died", user=self.user, why=why, cut=cut)
        self.up = False
        self.sessions.background.die()
        if self._process:
            self.line.scheduler.kill(self._process)

    def _open(self) -> None:
        self.up, self.hangs, self._up_at = True, False, self.line.scheduler.now
        self.sessions = Sessions(self)
        self.sessions.resume()
        self.changed()


class Sessions:
    """What one process of OpenClaw knows and does; its memory ends with it."""

    def __init__(self, openclaw: OpenClaw) -> None:
        self._openclaw, self._line = openclaw, openclaw.line
        self._known: dict[str, Run] = {}  # by the id they were sent under
        self._active: dict[str, Run] = {}  # one per session
        self._expected: dict[str, Run] = {}  # per session: what will be resumed
        self._others: set[str] = set()  # sessions in which a job of its own runs
        self._merged: dict[str, str] = {}  # the run that answers a message that was put into another one
        self.background = Background(openclaw.line, openclaw.name, openclaw.launch)

    def handle(self, method: str, params: Json) -> dict[str, Any]:
        match method:
            case "chat.send" if not params["suppressCommandInterpretation"]:
                return {"status": "started"}  # a command: no model is asked
            case "chat.send":
                return self._send(params["idempotencyKey"], params["sessionKey"], params["message"])
            case "chat.history":
                return self._history(params["sessionKey"])
            case "chat.abort":
                return self._abort(params["sessionKey"], params.get("runId"))
        return self._read(method, params)

    def _read(self, method: str, params: Json) -> dict[str, Any]:
        if method.startswith("gateway.suspend."):
            return self.background.handle(method, len(self._active) + len(self._others))
        match method:
            case "sessions.list":
                return {"sessions": [{"key": run.session} for run in self._openclaw.transcript[-1:]]}
            case "chat.message.get":
                return {"message": find_row(self._openclaw.transcript, params["messageId"])}
        return {"url": params["artifactId"]} if method == "artifacts.download" else {}

    def resume(self) -> None:
        """It resumes by itself what was interrupted, soon, or leaves that to whoever asks."""
        last = {run.session: run for run in self._openclaw.transcript}
        for session, run in last.items():
            if run.state == "running" and self._line.random.random() < 0.5:
                self._line.history.count("OpenClaw resumed a turn by itself")
                self._expected[session] = run
                after = self._line.random.choice((0.0, 0.5, 3.0, 20.0))
                self._openclaw.launch(lambda session=session: self._go_on(session), "resume", after)  # type: ignore[misc]

    def _go_on(self, session: str) -> None:
        run = self._expected.pop(session, None)
        if run and not self._is_busy(session):
            run.resumed.append(f"resumed-{run.id}-{run.attempt + 1}")
            run.attempt += 1
            self._launch(run, asked=False)

    def _send(self, run_id: str, session: str, question: str) -> dict[str, Any]:
        """A message that runs already is not run again; one that comes while another runs is put into that one."""
        if known := self._known.get(run_id):
            return standing(known)
        earlier = [run for run in self._openclaw.transcript if run.id.partition("~")[0] == run_id.partition("~")[0]]
        run = Run(run_id, session, question, 1 + sum(each.attempt for each in earlier), self._openclaw.boot)
        self._openclaw.transcript.append(run)
        self._known[run_id] = run
        if session not in self._active and self._line.faults.strike("session_busy"):
            self._work_apart(session)
        if self._is_busy(session):
            self._line.history.count("a message was put into another run")
            run.state = "waiting"
            self._openclaw.emit(RunEnded(run_id, session, None, aborted=False))
        else:
            self._launch(run, asked=True)
        return {"runId": run_id, "status": "started"}

    def _is_busy(self, session: str) -> bool:
        return session in self._active or session in self._others

    def _work_apart(self, session: str) -> None:
        """A job of its own runs in the session for some seconds."""
        self._others.add(session)

        def end() -> None:
            self._others.discard(session)
            self._openclaw.launch(lambda: self._take_up(session), "next run", self._line.random.uniform(0.1, 3))

        self._openclaw.launch(end, "job", self._line.faults.between(0.5, 20))

    def _abort(self, session: str, run_id: str | None) -> dict[str, Any]:
        if run_id is None:
            self._others.discard(session)
        for run in self._openclaw.transcript:
            mine = run.session == session and (run_id is None or run_id in run.names)
            if mine and (run is self._active.get(session) or run is self._expected.get(session)):
                self._end(run, "cancelled")
                self._openclaw.emit(RunEnded(run.names[-1], session, run.text, aborted=True))
            elif mine and run.state == "waiting":
                run.state = "cancelled"
        return {}

    def _history(self, session: str) -> dict[str, Any]:
        runs = [run for run in self._openclaw.transcript if run.session == session]
        active = self._active.get(session)
        busy = [active.names[-1]] if active else ["job"] if session in self._others else []
        return history(runs, self._merged, busy, active, self._expected.get(session))

    def _launch(self, run: Run, *, asked: bool) -> None:
        run.begin(self._openclaw.boot)
        self._known.setdefault(run.id, run)
        self._active[run.session] = run
        facts = {"user": self._openclaw.user, "message": run.message_id, "question": run.question}
        self._line.history.note("llm_run", attempt=run.attempt, session=run.talk, asked=asked, **facts)
        self._openclaw.launch(lambda: self._answer(run, run.attempt), f"run {run.id}")

    def _answer(self, run: Run, attempt: int) -> None:
        dice, faults = self._openclaw.dice(run), self._line.faults
        if "KILL" in run.question and faults.strike("poison"):
            self._line.scheduler.pause(dice.uniform(0.1, 2))
            self._line.scheduler.after(0.0, self._openclaw.kill_task)
        crash, hang, broken = (faults.strike(f"openclaw_{kind}") for kind in ("crash", "hang", "fails"))
        silent, loops = faults.strike("model_silent"), faults.strike("model_loops")
        words = chain(script(dice, run.question), loop() if loops else ())
        said = self._speak(run, words, dice, silent=silent, frail=crash or hang or broken)
        if run.state != "running":
            return
        if crash:
            if said:
                self._note_answer(run)
            self._line.history.count("OpenClaw crashed in a turn")
            self._openclaw.crash("out of memory")
        elif hang:
            self._line.history.count("OpenClaw hung in a turn")
            self._openclaw.hang()
        else:
            self._finish(run, "failed" if broken else "done")

    def _speak(self, run: Run, words: Iterable[Delta | float], dice: Random, *, silent: bool, frail: bool) -> bool:
        """To the last word? The state of the run says whether it was ended meanwhile."""
        for event in words:
            self._line.scheduler.pause(dice.expovariate(3.0))
            silent = silent and not think(self._line, dice)
            if run.state != "running":
                return False
            self._say(run, event)
            if frail and dice.random() < 0.1:
                return False
        return True

    def _note_answer(self, run: Run) -> None:
        """The last word is in the transcript, but not that it was the last: whoever starts again goes on with it."""
        self._line.history.count("OpenClaw crashed behind the last word")
        self._line.history.note(
            "llm_end", text=run.text, state="left", user=self._openclaw.user, message=run.message_id
        )
        run.left.append(run.part)

    def _say(self, run: Run, event: Delta | float) -> None:
        name = run.names[-1]
        if isinstance(event, Delta):
            run.part = event.text if event.replace else run.part + event.text
            self._openclaw.emit(RunText(name, run.session, run.part, f"{name}:{run.attempt}:{len(run.parts)}"))
            return
        call = f"{name} call {len(run.parts)}"
        self._openclaw.emit(RunText(name, run.session, run.part.strip(), call, whole=True))
        run.close_part()
        self._openclaw.emit(RunTool(name, run.session, call, Tool("exec", "start", "sleep")))
        self._line.scheduler.pause(event)
        if run.state == "running":
            self._openclaw.emit(RunTool(name, run.session, call, Tool("exec", "end", "sleep")))

    def _finish(self, run: Run, state: str) -> None:
        name, dice = run.names[-1], self._openclaw.dice(run)
        if state == "done" and dice.random() < 0.1:
            self._hand_over(run, name)
        self.background.begin(dice)
        self._end(run, state)
        self._line.history.note("llm_end", text=run.text, state=state, user=self._openclaw.user, message=run.message_id)
        # What it tells at the end of several parts is not all of them.
        failed, done = RunFailed(name, run.session, FAILED), RunEnded(name, run.session, run.part, aborted=False)
        self._openclaw.emit(failed if state == "failed" else done)

    def _hand_over(self, run: Run, name: str) -> None:
        """Its transcript names the file when it is there, a moment after the end."""
        path = f"/api/chat/media/{run.id}-{run.attempt}"
        self._openclaw.files[path] = path.encode()
        part = f"{name}:{run.attempt}:{len(run.parts)}"
        self._openclaw.emit(RunText(name, run.session, run.part, part, files=(path,)))
        self._line.history.count("an answer handed over a file")
        self._openclaw.launch(lambda: run.files.append(path), "file", self._line.random.choice((0.0, 0.2, 3.0)))

    def _end(self, run: Run, state: str) -> None:
        run.state = state
        self._expected.pop(run.session, None)
        if self._active.get(run.session) is run:
            del self._active[run.session]
            self._openclaw.launch(lambda: self._take_up(run.session), "next run", self._line.random.uniform(0.1, 3))

    def _take_up(self, session: str) -> None:
        """What was put off has a run of its own behind the one it was put into."""
        waiting = [run for run in self._known.values() if run.session == session and run.state == "waiting"]
        if waiting and not self._is_busy(session):
            run = waiting[0]
            self._merged[run.id] = f"merged-{run.id}"
            run.resumed.append(self._merged[run.id])
            self._launch(run, asked=True)
