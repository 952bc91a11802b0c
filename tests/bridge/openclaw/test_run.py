from chalicelib.domain.turn import Delta, Tool, TurnEvent
from container.bridge.openclaw.protocol import RunEnded, RunEvent, RunFailed, RunText, RunTool
from container.bridge.openclaw.run import Run
from tests.bridge.openclaw.frames import read_events

SESSION = "agent:main:c"


def replay(name: str) -> tuple[Run, list[TurnEvent]]:
    run = Run(f"message-{name}")
    events = [event for event in read_events(name) if isinstance(event, RunEvent)]
    return run, [shown for event in events for shown in run.receive(event)]


def rendered(events: list[TurnEvent]) -> str:
    text = ""
    for event in events:
        if isinstance(event, Delta):
            text = event.text if event.replace else text + event.text
    return text


def say(text: str, run_id: str = "m") -> RunText:
    return RunText(run_id, SESSION, text)


def test_an_answer_is_its_increments() -> None:
    run, events = replay("answer")
    assert events == [Delta(text) for text in ("users=1", " w0", " w1", " w2", " w3.")]
    assert run.text == "users=1 w0 w1 w2 w3."


def test_words_before_and_after_a_tool_are_one_answer() -> None:
    run, events = replay("tool")
    assert run.text == rendered(events) == "Let me see\n\nusers=2 w0 w1 w2."
    assert [event.phase for event in events if isinstance(event, Tool)] == ["start", "end"]


def test_what_the_provider_took_back_is_replaced() -> None:
    run, events = replay("dropped-stream")
    assert Delta("", replace=True) in events
    assert isinstance(run.end, RunFailed)


def test_an_error_that_is_told_twice_ends_the_run_once() -> None:
    run, events = replay("refused-key")
    assert events == []
    assert isinstance(run.end, RunFailed)
    assert "Agent failed before reply" not in run.end.message


def test_a_gap_in_the_events_costs_nothing_since_each_has_the_whole_text() -> None:
    run = Run("m")
    assert run.receive(say("one")) == [Delta("one")]
    assert run.receive(say("one two three")) == [Delta(" two three")]


def test_a_shorter_text_replaces_the_longer() -> None:
    run = Run("m")
    run.receive(say("one two"))
    assert run.receive(say("one")) == [Delta("one", replace=True)]


def test_another_run_of_the_session_is_not_ours() -> None:
    run = Run("m")
    assert run.receive(say("spoken by a cron job", "other")) == []
    assert run.receive(RunEnded("other", SESSION, "done", aborted=False)) == []
    assert run.end is None


def test_a_resumed_run_speaks_for_the_message_and_starts_anew() -> None:
    run = Run("m")
    run.receive(say("half of an ans"))
    run.adopt("resumed")
    assert run.receive(say("The", "resumed")) == [Delta("The", replace=True)]


def test_a_resumed_run_that_ended_before_we_knew_of_it_is_known_to_be_over() -> None:
    run = Run("m")
    run.receive(RunEnded("resumed", SESSION, "the last of it", aborted=False))
    assert run.adopt("resumed")
    assert run.end is None
    assert not run.adopt("resumed")


def test_nothing_is_shown_after_the_end() -> None:
    run = Run("m")
    run.receive(RunEnded("m", SESSION, "all", aborted=False))
    assert run.receive(say("all and more")) == []


def test_an_empty_final_keeps_what_the_run_has_said() -> None:
    run = Run("m")
    run.receive(say("all"))
    assert run.receive(RunEnded("m", SESSION, "", aborted=False)) == []
    assert run.text == "all"
    assert not run.is_merged


def test_an_empty_final_of_a_run_that_said_nothing_means_it_was_merged_into_another() -> None:
    run = Run("m")
    run.receive(say("words of the run before", "m"))
    run.adopt("second")
    run.receive(RunEnded("second", SESSION, None, aborted=False))
    assert run.is_merged


def test_an_empty_final_after_a_death_does_not_make_an_answer_of_what_was_said_before_it() -> None:
    """Found by random kills: half an answer was committed as a whole one."""
    run = Run("m")
    run.receive(say("half of it"))
    run.restart()
    run.receive(RunEnded("m", SESSION, None, aborted=False))
    assert run.is_merged


def test_a_tool_is_at_work_between_its_start_and_its_end() -> None:
    run = Run("m")
    run.receive(RunTool("m", SESSION, "call-1", Tool("exec", "start", "sleep")))
    assert run.calls.any_open
    run.receive(RunTool("m", SESSION, "call-1", Tool("exec", "end", "sleep")))
    assert not run.calls.any_open
    assert run.calls.count == 1


def test_a_tool_that_is_told_twice_is_shown_once() -> None:
    run = Run("m")
    start = RunTool("m", SESSION, "call-1", Tool("exec", "start", "sleep"))
    stop = RunTool("m", SESSION, "call-1", Tool("exec", "end", "sleep"))
    assert [len(run.receive(event)) for event in (start, start, stop, start, stop)] == [1, 0, 1, 0, 0]
    assert run.calls.count == 1


def test_the_tools_of_a_dead_openclaw_do_not_work_any_more() -> None:
    run = Run("m")
    run.receive(RunTool("m", SESSION, "call-1", Tool("exec", "start", "sleep")))
    run.restart()
    assert not run.calls.any_open
