from chalicelib.domain.failures import CUT_OFF, DIED, HUNG, UNAVAILABLE
from chalicelib.domain.turn import Delta, Failed, Finished, Usage
from container.bridge.openclaw.phases import Cancelled
from container.bridge.openclaw.protocol import Closed, Json, Opened
from tests.bridge.openclaw.script import (
    EMPTY,
    STARTED,
    Gone,
    Late,
    Scene,
    answered,
    asked,
    end,
    fail,
    history,
    lost,
    refuse,
    row,
    say,
)

RESUMED_ROW = {"role": "user", "idempotencyKey": "r:user"} | {
    "provenance": {"sourceTool": "main_session_restart_recovery"}
}

LAST = Delta("", last=True)


def test_a_fresh_message_is_sent_without_a_question() -> None:
    scene = Scene(chat_send=[STARTED])
    assert scene.play(say("Hi"), end("Hi.")) == [Delta("Hi"), Delta("."), LAST, Finished("Hi.", "stop", None)]
    assert scene.link.requests[0] == "chat.send"


def test_any_other_message_is_looked_for_first() -> None:
    scene = Scene(chat_history=[EMPTY], chat_send=[STARTED])
    scene.play(end("Hi."), fresh=False)
    assert scene.link.requests[:2] == ["chat.history", "chat.send"]


def test_usage_is_read_from_the_transcript_when_the_answer_is_there() -> None:
    usage = {"input": 10, "cacheRead": 5, "output": 3, "cost": {"total": 0.25}}
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), answered("Hi") | {"usage": usage})])
    assert scene.play(end("Hi"))[-1] == Finished("Hi", "stop", Usage(15, 3, 0.25))


def test_an_answer_that_is_there_is_not_asked_for_again() -> None:
    scene = Scene(chat_history=[history(asked(), answered("There"))])
    assert scene.play(fresh=False) == [Delta("There"), Finished("There", "stop", None)]
    assert scene.count("chat.send") == 0


def test_an_answer_that_an_earlier_bridge_had_to_cut_off_is_asked_for_again() -> None:
    partial = answered("Hal") | {"openclawAbort": {"reason": "stop"}}
    scene = Scene(chat_history=[history(asked(), partial), EMPTY], chat_send=[STARTED])
    assert scene.play(end("All of it"), fresh=False)[-1] == Finished("All of it", "stop", None)
    assert scene.count("chat.send") == 1


def test_what_an_earlier_bridge_cut_off_is_not_taken_for_the_end_of_a_message_that_was_lost_on_its_way() -> None:
    """Found by the simulation (seed 19): it was sent again, the connection broke, and the old abort was still there."""
    partial = answered("Hal") | {"openclawAbort": {"reason": "stop"}}

    def break_it() -> Json:
        scene.put(Opened("boot-1"))
        raise Gone

    scene = Scene(chat_history=[history(asked(), partial), history(asked(), partial), EMPTY])
    scene.link.replies["chat.send"] = [break_it, scene.then(end("All of it"))]
    assert scene.play(fresh=False)[-1] == Finished("All of it", "stop", None)


def test_a_run_that_somebody_else_stopped_while_the_socket_was_away_is_broken_and_not_cancelled() -> None:
    partial = answered("Hal") | {"openclawAbort": {"reason": "stop"}}
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), partial)])
    assert scene.play(*scene.restart("boot-1"))[-1] == Finished("Hal", "broken", None, CUT_OFF)


def test_a_failure_that_is_there_is_told_and_not_tried_again() -> None:
    scene = Scene(chat_history=[history(asked(), row("assistant", "⚠️ failed (HTTP 401)", stopReason="error"))])
    (outcome,) = scene.play(fresh=False)
    assert isinstance(outcome, Failed)
    assert outcome.code == "model_auth"
    assert scene.count("chat.send") == 0


def test_a_run_in_flight_is_joined_with_the_text_it_has() -> None:
    flying = {**history(asked()), "inFlightRun": {"runId": "m", "text": "One"}}
    scene = Scene(chat_history=[flying, EMPTY])
    assert scene.play(say("One two"), end("One two"), fresh=False)[:2] == [Delta("One"), Delta(" two")]
    assert scene.count("chat.send") == 0


def test_a_lost_socket_does_not_lose_the_run() -> None:
    flying = {**history(asked()), "inFlightRun": {"runId": "m", "text": "One two"}}
    scene = Scene(chat_send=[STARTED], chat_history=[flying, EMPTY])
    notices = (say("One"), *scene.restart("boot-1"), say("One two three"), end("One two three"))
    assert scene.play(*notices)[:3] == [Delta("One"), Delta(" two"), Delta(" three")]
    assert scene.count("chat.send") == 1


def test_an_answer_that_came_while_the_socket_was_away_is_found() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), answered("One two"))])
    assert scene.play(say("One"), *scene.restart("boot-1"))[-1] == Finished("One two", "stop", None)


def test_the_openclaw_that_took_a_message_may_be_asked_again_about_it() -> None:
    scene = Scene(chat_send=[lost(), {"status": "in_flight"}], chat_history=[history(asked()), EMPTY])
    scene.play(Closed(), Opened("boot-1"), end("Hi"))
    asked_for = [name for name in scene.link.requests if name != "sessions.subscribe"]
    assert asked_for[:3] == ["chat.send", "chat.history", "chat.send"]
    assert scene.link.dropped == 1


def test_a_message_that_was_put_into_another_run_while_nobody_listened_is_answered_with_that_run() -> None:
    """Found by the simulation (seed 3266): the end of its own run came without a socket, and it waited for an hour."""
    busy, there = history(activeRunIds=["job"]), history(asked(), answered("Hi"))
    scene = Scene(chat_send=[lost(), {"status": "in_flight"}], chat_history=[busy, busy, busy, there])
    assert scene.play(Closed(), Opened("boot-1"))[-1] == Finished("Hi", "stop", None)
    assert scene.count("chat.send") == 2
    assert scene.time() < 40


def test_one_that_waits_for_its_own_run_goes_on_waiting() -> None:
    own = history(activeRunIds=["m"])
    scene = Scene(chat_send=[lost(), {"status": "in_flight"}], chat_history=[EMPTY, own, EMPTY])
    scene.time.at(200.0, lambda: scene.driver.put(end("Hi")))
    assert scene.play(Closed(), Opened("boot-1"))[-1] == Finished("Hi", "stop", None)
    assert scene.count("chat.send") == 2


def test_an_openclaw_that_means_to_resume_gets_the_time_for_it() -> None:
    expected = history(asked(), abortedLastRun=True, status="running", activeRunIds=["r"])
    resumed = history(asked(), RESUMED_ROW, activeRunIds=["r"])
    scene = Scene(chat_send=[STARTED], chat_history=[expected, expected, resumed, EMPTY])
    steps = scene.step()
    scene.put(say("Half an ans"))
    assert next(steps) == Delta("Half an ans")
    for notice in scene.restart():
        scene.put(notice)
    scene.link.replies["chat.history"].append(EMPTY)
    scene.put(say("All of it", "r"))
    scene.put(end("All of it", "r"))
    assert list(steps) == [Delta("All of it", replace=True), LAST, Finished("All of it", "stop", None)]
    assert scene.count("chat.send") == 1


def test_an_openclaw_that_does_not_resume_gets_the_message_once_more() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked())])
    steps = scene.step()
    for notice in scene.restart():
        scene.put(notice)
    scene.link.replies["chat.send"] = [STARTED, scene.then(end("Again"))]
    assert list(steps)[-1] == Finished("Again", "stop", None)
    assert scene.count("chat.send") == 2


def test_a_resumed_run_that_nobody_heard_is_read_from_a_transcript_that_is_newer_than_its_end() -> None:
    """Found by the simulation (seed 327): its last words were taken for all of them."""
    step = (row("assistant", "I look."), row("toolResult", "", toolCallId="c1"))
    older = history(asked(), *step, RESUMED_ROW, activeRunIds=["r"])
    newer = history(asked(), *step, RESUMED_ROW, answered("Found."))
    scene = Scene(chat_history=[Late(12.0, older), Late(6.0, newer)])
    scene.time.at(1.0, lambda: scene.driver.put(end("Found.", "r")))
    assert scene.play(fresh=False)[-1] == Finished("I look.\n\nFound.", "stop", None)
    assert scene.count("chat.send") == 0


def test_what_an_attempt_said_that_died_is_no_part_of_the_next_one() -> None:
    """Found by the simulation (seed 72): both began with the same words, which then stood there twice."""
    step = history(asked(), row("assistant", "I look."), row("toolResult", "", toolCallId="c1"))
    scene = Scene(chat_send=[STARTED], chat_history=[step, step, EMPTY])
    steps = scene.step()
    scene.put(say("I look."))
    assert next(steps) == Delta("I look.")
    for notice in scene.restart():
        scene.put(notice)
    scene.link.replies["chat.send"] = [scene.then(end("Found."))]
    assert list(steps)[-1] == Finished("Found.", "stop", None)


def test_a_message_that_never_arrived_is_sent_again_at_once() -> None:
    scene = Scene(chat_send=[lost(), STARTED], chat_history=[EMPTY])
    assert scene.play(*scene.restart(), end("Hi"))[-1] == Finished("Hi", "stop", None)
    assert scene.count("chat.send") == 2


def test_a_message_that_kills_every_openclaw_is_given_up() -> None:
    scene = Scene(chat_send=[lost()], chat_history=[EMPTY])
    assert scene.play(*scene.restart("boot-2"), *scene.restart("boot-3"))[-1] == DIED
    assert scene.count("chat.send") == 2


def test_what_openclaw_resumes_though_it_was_given_up_is_stopped_before_the_next_message() -> None:
    waiting = {"runId": "r", "message": RESUMED_ROW}
    scene = Scene(chat_send=[STARTED], chat_history=[{"pendingInputs": {"items": [waiting]}}, EMPTY])
    assert scene.play(end("Hi"), fresh=False)[-1] == Finished("Hi", "stop", None)
    assert scene.link.requests[:3] == ["chat.history", "chat.abort r", "chat.send"]


def test_a_resumption_that_never_comes_is_an_interruption() -> None:
    expected = history(asked(), abortedLastRun=True, status="running", activeRunIds=[])
    scene = Scene(chat_history=[expected])
    assert scene.play(fresh=False) == [HUNG]
    assert scene.count("chat.send") == 0


def test_a_run_that_swallows_messages_for_too_long_is_ended() -> None:
    """Found by the simulation (seed 209): it hung, and each message of its session waited for a quarter of an hour."""
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), activeRunIds=["x"])])
    assert scene.play(end(None)) == [HUNG]
    assert scene.link.requests[-2:] == ["chat.abort m", "chat.abort *"]


def test_an_answer_merged_into_another_run_is_looked_up() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), answered("Both answers"))])
    assert scene.play(end(None)) == [Delta("Both answers"), Finished("Both answers", "stop", None)]


def test_an_answer_merged_into_a_run_that_goes_on_is_waited_for() -> None:
    """A message that comes while a resumed run is about to end: its own run ends at once and without a word."""
    goes_on = history(asked(), activeRunIds=["resumed"])
    there = history(asked(), answered("The second answer"))
    scene = Scene(chat_send=[STARTED], chat_history=[goes_on, goes_on, goes_on, there])
    assert scene.play(end(None))[-1] == Finished("The second answer", "stop", None)
    assert scene.count("chat.send") == 1


def test_a_run_that_a_merged_message_waits_for_may_begin_long_after_its_own_has_ended() -> None:
    """Found by random kills: the pause between two runs, on a slow machine, was taken for the end of all."""
    goes_on, pause = history(asked(), activeRunIds=["resumed"]), history(asked(), activeRunIds=[])
    there = history(asked(), answered("The second answer"))
    scene = Scene(chat_send=[STARTED], chat_history=[*[goes_on] * 5, pause, pause, goes_on, pause, there])
    assert scene.play(end(None))[-1] == Finished("The second answer", "stop", None)
    assert scene.count("chat.send") == 1


def test_a_transcript_that_comes_late_says_nothing_about_the_time_since_it_was_asked() -> None:
    """Found by the simulation (seed 300): the run had begun, and ended, while an older transcript was under way."""
    pause, there = history(asked(), activeRunIds=[]), history(asked(), answered("The answer"))
    scene = Scene(chat_send=[STARTED], chat_history=[pause, Late(12.0, pause), there])
    assert scene.play(end(None))[-1] == Finished("The answer", "stop", None)
    assert scene.count("chat.send") == 1


def test_an_agent_that_has_nothing_to_say_says_nothing() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), answered(""))])
    assert scene.play(end("")) == [Finished("", "stop", None)]
    assert scene.count("chat.send") == 1


def test_a_message_that_no_run_answers_is_sent_under_new_names_before_it_is_given_up() -> None:
    scene = Scene(chat_history=[history(asked())])
    scene.link.replies["chat.send"] = [scene.then(end("", run)) for run in ("m", "m~2", "m~3")]
    assert scene.play() == [Finished("", "stop", None)]
    assert scene.link.sent == ["m", "m~2", "m~3"]


def test_a_provider_error_is_a_failure_with_a_code() -> None:
    outcome = Scene(chat_send=[STARTED]).play(fail("request failed (rate limited, HTTP 429)"), fail("again"))[-1]
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("rate_limited", True)


def test_a_refused_message_is_a_failure() -> None:
    outcome = Scene(chat_send=[refuse("INVALID_REQUEST", 'Unknown provider "x"')]).play()[-1]
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.retryable) == ("model_error", False)


def test_an_openclaw_that_takes_no_requests_yet_is_asked_again() -> None:
    scene = Scene(chat_send=[refuse("UNAVAILABLE", "starting", 0.01), STARTED])
    scene.link.replies["chat.send"][1] = scene.then(end("Hi"))
    assert scene.play()[-1] == Finished("Hi", "stop", None)


def test_an_openclaw_that_stays_away_is_unavailable() -> None:
    scene = Scene()
    scene.link.is_open = False
    assert scene.play() == [UNAVAILABLE]
    assert scene.hangs == 1


def test_a_turn_may_begin_before_openclaw_is_there() -> None:
    scene = Scene(chat_send=[STARTED])
    scene.link.is_open = False
    assert scene.play(Opened("boot-1"), end("Hi"))[-1] == Finished("Hi", "stop", None)


def test_a_cancelled_turn_keeps_what_was_said() -> None:
    scene = Scene(chat_send=[STARTED])
    outcome = scene.play(say("One"), Cancelled(), end("One two", aborted=True))[-1]
    assert outcome == Finished("One two", "cancelled", None)
    assert scene.count("chat.abort m") == 1


def test_an_abort_that_nobody_confirms_ends_the_turn_all_the_same() -> None:
    scene = Scene(chat_send=[STARTED])
    assert scene.play(say("One"), Cancelled())[-1] == Finished("One", "cancelled", None)
    assert scene.hangs == 0


def test_an_error_after_the_abort_is_the_abort() -> None:
    scene = Scene(chat_send=[STARTED])
    assert scene.play(Cancelled(), fail("This operation was aborted"))[-1] == Finished("", "cancelled", None)


def test_a_message_cancelled_before_it_was_sent_is_never_sent() -> None:
    scene = Scene(chat_send=[STARTED])
    scene.link.is_open = False
    assert scene.play(Cancelled()) == [Finished("", "cancelled", None)]
    assert scene.count("chat.send") == 0


def test_a_message_cancelled_while_openclaw_is_away_is_not_sent_again() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[EMPTY])
    assert scene.play(Closed(), Cancelled(), Opened("boot-2"))[-1] == Finished("", "cancelled", None)
    assert scene.count("chat.send") == 1


def test_an_abort_that_nobody_asked_for_is_an_interruption() -> None:
    assert Scene(chat_send=[STARTED]).play(end("", aborted=True))[-1] == CUT_OFF


def test_an_aborted_message_is_not_sent_to_life_again() -> None:
    aborted = {"status": "timeout", "summary": "aborted"}
    assert Scene(chat_send=[aborted]).play() == [Finished("", "cancelled", None)]


def test_a_run_that_openclaw_says_is_over_is_looked_up() -> None:
    scene = Scene(chat_send=[{"status": "ok"}], chat_history=[history(asked(), answered("Over"))])
    assert scene.play()[-1] == Finished("Over", "stop", None)


def test_a_run_that_is_over_without_a_trace_is_an_interruption() -> None:
    outcome = Scene(chat_send=[{"status": "ok"}], chat_history=[EMPTY]).play()[-1]
    assert isinstance(outcome, Failed)
    assert outcome.code == "interrupted"
