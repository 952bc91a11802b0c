"""Liveness is not patience: a silent model is waited for, a dead OpenClaw is not, and a turn has its limits."""

from functools import partial

from chalicelib.domain.failures import DIED, HUNG, UNAVAILABLE
from chalicelib.domain.turn import Choice, Delta, Failed, Finished, Tool, Waiting
from container.bridge.openclaw.phases import Cancelled, Timeouts, TurnLimits
from container.bridge.openclaw.protocol import Json, Opened, RunTool
from tests.bridge.openclaw.script import EMPTY, SESSION, STARTED, Gone, Late, Scene, end, fail, lost, refuse, say


def call(number: int, phase: str = "start") -> RunTool:
    tool = Tool("exec", "start" if phase == "start" else "end", "date", call=f"call-{number}")
    return RunTool("m", SESSION, f"call-{number}", tool)


def test_a_silent_model_is_not_taken_for_a_dead_gateway() -> None:
    """Ten minutes of thinking, in which OpenClaw answers whenever it is asked."""
    scene = Scene(chat_send=[STARTED])
    scene.time.at(600.0, lambda: scene.driver.put(end("Deep thought.")))
    told = scene.play()
    assert told[-1] == Finished("Deep thought.", "stop", None)
    assert scene.hangs == 0
    assert scene.count("chat.abort m") == 0


def test_a_page_is_told_every_half_minute_that_the_model_still_thinks() -> None:
    scene = Scene(chat_send=[STARTED])
    scene.time.at(100.0, lambda: scene.driver.put(end("Done.")))
    assert [event.seconds for event in scene.play() if isinstance(event, Waiting)] == [30, 60, 90]


def test_a_tool_that_takes_long_is_no_thinking() -> None:
    scene = Scene(chat_send=[STARTED])
    scene.time.at(600.0, lambda: scene.driver.put(end("Done.")))
    told = scene.play(call(1))
    assert [type(event) for event in told] == [Tool, Delta, Delta, Finished]
    assert scene.count("health") > 10


def test_an_openclaw_that_answers_nothing_is_dead_and_its_restart_asked_for() -> None:
    scene = Scene(chat_send=[STARTED], health=[lost()])
    assert scene.play()[-1] == HUNG
    assert scene.hangs == 1
    assert scene.link.requests[-1] == "chat.abort m"
    assert scene.time() == Timeouts().quiet + Timeouts().alive


def test_an_openclaw_that_takes_three_minutes_to_start_is_waited_for_and_not_begun_again() -> None:
    scene = Scene(chat_send=[STARTED])
    scene.link.is_open, scene.starting = False, True
    scene.time.at(200.0, lambda: scene.driver.put(Opened("boot-1")))
    scene.time.at(201.0, lambda: scene.driver.put(end("Hi")))
    assert scene.play()[-1] == Finished("Hi", "stop", None)
    assert scene.hangs == 0


def test_a_start_that_does_not_end_is_given_up_after_five_minutes() -> None:
    scene = Scene()
    scene.link.is_open, scene.starting = False, True
    assert scene.play() == [UNAVAILABLE]
    assert (scene.hangs, scene.time()) == (1, Timeouts().start)


def test_a_start_that_dies_is_not_waited_for_any_longer() -> None:
    scene = Scene()
    scene.link.is_open, scene.starting = False, True
    scene.time.at(150.0, lambda: setattr(scene, "starting", False))
    assert scene.play() == [UNAVAILABLE]
    assert scene.time() <= 150.0 + Timeouts().aside


def test_an_openclaw_that_refuses_the_question_is_alive() -> None:
    scene = Scene(chat_send=[STARTED], health=[refuse("UNAVAILABLE", "busy", 0.5)])
    scene.time.at(200.0, lambda: scene.driver.put(end("Done.")))
    assert scene.play()[-1] == Finished("Done.", "stop", None)


def test_an_event_while_openclaw_is_asked_is_an_answer_too() -> None:
    scene = Scene(chat_send=[STARTED], health=[Late(300.0), EMPTY])
    scene.time.at(35.0, lambda: scene.driver.put(say("Ah")))
    scene.time.at(50.0, lambda: scene.driver.put(end("Ah, so.")))
    assert scene.play()[-1] == Finished("Ah, so.", "stop", None)
    assert scene.hangs == 0


def test_stop_is_heard_while_a_model_thinks() -> None:
    scene = Scene(chat_send=[STARTED])
    scene.time.at(45.0, lambda: scene.driver.put(Cancelled()))
    assert scene.play()[-1] == Finished("", "cancelled", None)
    assert scene.time() <= 45.0 + Timeouts().cancel


def test_a_loop_of_tools_is_ended_with_what_was_said_and_a_reason() -> None:
    scene = Scene(chat_send=[STARTED], timeouts=Timeouts(limits=TurnLimits(calls=3)))
    steps = [each for number in range(9) for each in (call(number), call(number, "end"))]
    outcome = scene.play(say("I look."), *steps)[-1]
    assert isinstance(outcome, Finished)
    assert (outcome.text, outcome.stop_reason) == ("I look.", "broken")
    assert outcome.failure and (outcome.failure.key, outcome.failure.params) == (
        "interrupted.too_many_steps",
        {"count": "3"},
    )
    assert scene.count("chat.abort m") == 1
    assert scene.hangs == 0


def test_a_turn_that_never_ends_is_ended() -> None:
    scene = Scene(chat_send=[STARTED], timeouts=Timeouts(limits=TurnLimits(seconds=600)))
    outcome = scene.play()[-1]
    assert isinstance(outcome, Failed)
    assert (outcome.key, outcome.params) == ("interrupted.too_long", {"minutes": "10"})
    assert scene.time() <= 600 + Timeouts().aside


def test_a_turn_that_talks_for_ever_is_ended_too() -> None:
    scene = Scene(chat_send=[STARTED], timeouts=Timeouts(limits=TurnLimits(seconds=60)))
    for number in range(20):
        scene.time.at(number * 10.0, partial(scene.grow, number))
    outcome = scene.play()[-1]
    assert isinstance(outcome, Finished)
    assert outcome.failure and outcome.failure.key == "interrupted.too_long"


def test_a_loop_that_openclaw_ends_itself_is_told_as_one() -> None:
    scene = Scene(chat_send=[STARTED])
    looped = say("OpenClaw stopped this run because tool-loop recovery encountered another critical loop.")
    outcome = scene.play(say("Step."), looped, fail("⚠️ Agent run failed (model: demo/demo-1)."))[-1]
    assert isinstance(outcome, Finished)
    assert outcome.text == "Step."
    assert outcome.failure and outcome.failure.key == "interrupted.looping"


def reconnecting(scene: Scene, times: int) -> Scene:
    """Each connection that is given up is followed by another one."""
    for number in range(1, times + 1):
        scene.time.at(number * 30.0 + 0.1, lambda: scene.driver.put(Opened("boot-1")))
    return scene


def test_an_openclaw_that_takes_connections_and_answers_nothing_is_dead() -> None:
    """Found by the simulation (seed 440): each turn gave up its connection, and all of them together for ever."""
    scene = reconnecting(Scene(chat_history=[lost()], health=[lost()]), 9)
    assert scene.play(fresh=False)[-1] == HUNG
    assert scene.hangs == 1
    assert scene.time() <= 2 * Timeouts().alive + 1


def test_an_openclaw_that_lives_and_never_tells_what_became_of_a_message_is_not_waited_for_for_ever() -> None:
    scene = reconnecting(Scene(chat_history=[lost()], health=[EMPTY]), 99)
    assert scene.play(fresh=False)[-1] == UNAVAILABLE
    assert scene.hangs == 0
    assert scene.time() <= Timeouts().resume + 60


def test_an_openclaw_that_always_asks_for_patience_is_not_waited_for_for_ever() -> None:
    scene = Scene(chat_send=[refuse("UNAVAILABLE", "draining", 5.0)])
    assert scene.play()[-1] == UNAVAILABLE
    assert scene.hangs == 0
    assert scene.time() <= Timeouts().resume + 10


def test_a_message_that_ends_every_connection_it_is_sent_on_is_given_up() -> None:
    """One frame that is larger than OpenClaw takes, for example."""
    scene = Scene(chat_history=[EMPTY])

    def end_it() -> Json:
        scene.put(Opened("boot-1"))
        raise Gone

    scene.link.replies["chat.send"] = [end_it]
    assert scene.play() == [DIED]
    assert scene.count("chat.send") == 5
    assert scene.hangs == 0


def choose(scene: Scene, *notices: Cancelled) -> list[object]:
    scene.choice = Choice("a/b")
    return list(scene.play(*notices))


def test_a_model_is_chosen_before_the_message_is_sent() -> None:
    scene = Scene(chat_send=[STARTED], sessions_patch=[EMPTY])
    scene.choice = Choice("a/b")
    told = scene.play(end("Hi"))
    assert told[0] == Choice("a/b")
    assert scene.link.requests[:2] == ["sessions.patch", "chat.send"]


def test_stop_while_a_model_is_chosen_sends_nothing() -> None:
    """It was deaf for up to two minutes."""
    scene = Scene(sessions_patch=[Late(120.0)])
    assert choose(scene, Cancelled())[-1] == Finished("", "cancelled", None)
    assert scene.count("chat.send") == 0
    assert scene.time() <= Timeouts().cancel


def test_a_model_that_openclaw_does_not_know_is_a_failure_and_sends_nothing() -> None:
    scene = Scene(sessions_patch=[refuse("INVALID_REQUEST", "Unknown model: a/b. Try another")])
    (outcome,) = choose(scene)
    assert isinstance(outcome, Failed)
    assert (outcome.key, outcome.params) == ("model_error.model_unknown", {"model": "a/b"})
    assert scene.count("chat.send") == 0


def test_a_choice_that_is_not_answered_is_told_again_on_a_new_connection() -> None:
    scene = Scene(chat_send=[STARTED], sessions_patch=[lost(), EMPTY])
    scene.choice = Choice("a/b")
    assert scene.play(*scene.restart("boot-1"), end("Hi"))[-1] == Finished("Hi", "stop", None)
    assert scene.link.requests[:3] == ["sessions.patch", "sessions.patch", "chat.send"]
