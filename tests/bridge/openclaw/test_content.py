"""What a turn ends with: all its words, why it ended, what it hands over; the same live and after a crash."""

from chalicelib.domain.failures import CUT_OFF
from chalicelib.domain.turn import Delta, Failed, Finished, Handed, Tool, Usage
from container.bridge.openclaw.phases import Cancelled, Timeouts
from container.bridge.openclaw.protocol import Json, Opened, RunEnded, RunText, RunTool
from tests.bridge.openclaw.script import (
    EMPTY,
    SESSION,
    STARTED,
    Gone,
    Late,
    Reply,
    Scene,
    answered,
    asked,
    end,
    fail,
    history,
    refuse,
    row,
    say,
)
from tests.bridge.openclaw.test_rows import IMAGE, REFUSED, STEP

DECLINED = "The provider refused this request. Revise the request and try again."
USAGE = {"usage": {"input": 10, "output": 3, "cost": {"total": 0.25}}}
NAMED = RunText("m", SESSION, "Here.", "p", files=("a.png",))


def handing(*blocks: object) -> dict[str, object]:
    return {"role": "assistant", "content": [{"type": "text", "text": "Here."}, *blocks], "stopReason": "stop"}


def test_the_words_before_a_tool_are_shown_live_and_committed() -> None:
    scene = Scene(chat_send=[STARTED])
    step = (
        RunText("m", SESSION, "Let me see:", "commentary-0-a", whole=True),
        RunTool("m", SESSION, "c1", Tool("exec", "start", "date", call="c1")),
        RunTool("m", SESSION, "c1", Tool("exec", "end", "", call="c1")),
    )
    told = scene.play(*step, RunText("m", SESSION, "Done.", "u:2"), end("Done."))
    assert told[0] == Delta("Let me see:")
    assert told[-1] == Finished("Let me see:\n\nDone.", "stop", None)


def test_the_transcript_has_the_last_word() -> None:
    """The last words of a part that ends with a tool may be told by nobody."""
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), *STEP, answered("Done.") | USAGE)])
    told = scene.play(RunText("m", SESSION, "Done.", "u:2"), end("Done."))
    assert told[-1] == Finished("Let me see:\n\nDone.", "stop", Usage(10, 3, 0.25))
    assert [event.call for event in told if isinstance(event, Tool)] == ["c1", "c1"]


def test_a_turn_that_is_found_after_a_crash_is_the_same_turn() -> None:
    live = Scene(chat_send=[STARTED], chat_history=[history(asked(), *STEP, answered("Done."))])
    found = Scene(chat_history=[history(asked(), *STEP, answered("Done."))])
    assert live.play(end("Done."))[-1] == found.play(fresh=False)[-1]


def test_an_answer_that_was_cut_off_says_so() -> None:
    scene = Scene(chat_send=[STARTED])
    assert scene.play(RunEnded("m", SESSION, "One two", False, cut_off=True))[-1] == Finished("One two", "length", None)


def test_a_model_that_declines_is_not_asked_again() -> None:
    outcome = Scene(chat_send=[STARTED]).play(say("I will not."), fail(DECLINED))[-1]
    assert outcome == Finished("I will not.", "declined", None)
    assert Scene(chat_send=[STARTED]).play(fail(DECLINED))[-1] == Finished("", "declined", None)


def test_an_answer_that_breaks_off_keeps_its_words_and_its_cost() -> None:
    broken = row("assistant", "w0 w1 ", stopReason="error") | USAGE
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), broken, lastRunError="overloaded")])
    outcome = scene.play(say("w0 w1"), fail("demo/demo-1 request failed (overloaded, HTTP 529)"))[-1]
    assert isinstance(outcome, Finished)
    assert (outcome.text, outcome.stop_reason, outcome.usage) == ("w0 w1", "broken", Usage(10, 3, 0.25))
    assert outcome.failure and outcome.failure.key == "model_error.overloaded"
    assert outcome.failure.params == {"model": "demo/demo-1"}


def test_an_answer_that_broke_off_before_a_crash_keeps_its_words_too() -> None:
    broken = row("assistant", "⚠️ LLM request failed (timed out).\n\nw0 w1 ", stopReason="error")
    outcome = Scene(chat_history=[history(asked(), broken)]).play(fresh=False)[-1]
    assert isinstance(outcome, Finished)
    assert (outcome.text, outcome.stop_reason) == ("w0 w1", "broken")


def test_an_answer_that_broke_off_strangely_before_a_crash_is_not_asked_for_again() -> None:
    broken = row("assistant", "w0 w1 ", stopReason="error")
    scene = Scene(chat_history=[history(asked(), broken, lastRunError="Agent run failed.")])
    outcome = scene.play(fresh=False)[-1]
    assert isinstance(outcome, Finished)
    assert (outcome.text, outcome.stop_reason) == ("w0 w1", "broken")
    assert scene.count("chat.send") == 0


def joined(*counts: Reply) -> Scene:
    """A run that an earlier process began, so that its first part may have been missed; then it ends."""
    flying = {**history(asked()), "inFlightRun": {"runId": "m", "text": "Let"}}
    scene = Scene(chat_history=[flying, *counts, history(asked(), *STEP, answered("Done."))])
    scene.put(RunText("m", SESSION, "Done.", "u:2"))
    scene.put(end("Done."))
    return scene


def test_where_words_may_have_been_missed_the_transcript_is_asked_until_it_answers() -> None:
    """Found by the simulation (seed 462): the connection broke just then, and half of the answer was taken for it."""
    scene = joined(Late(9.0))
    assert scene.play(fresh=False)[-1] == Finished("Let me see:\n\nDone.", "stop", None)

    def break_it() -> Json:
        scene.put(Opened("boot-2"))
        raise Gone

    scene = joined(refuse("UNAVAILABLE", "busy", 0.5))
    assert scene.play(fresh=False)[-1] == Finished("Let me see:\n\nDone.", "stop", None)

    scene = joined(break_it)
    assert scene.play(fresh=False)[-1] == Finished("Let me see:\n\nDone.", "stop", None)
    assert scene.count("chat.send") == 0


def test_where_words_may_have_been_missed_a_row_that_is_left_out_is_asked_for() -> None:
    left_out = answered("[left out]") | {"__openclaw": {"id": "row", "reason": "oversized"}}
    scene = joined(history(asked(), *STEP, left_out))
    scene.link.replies["chat.message.get"] = [{"message": {"content": "Done, at length."}}]
    assert scene.play(fresh=False)[-1] == Finished("Let me see:\n\nDone, at length.", "stop", None)


def test_a_row_that_is_left_out_is_asked_for_until_it_comes_and_never_taken_for_the_answer() -> None:
    left_out = answered("[left out]") | {"__openclaw": {"id": "row", "reason": "oversized"}}
    scene = Scene(chat_history=[history(asked(), left_out)] * 2)
    scene.link.replies["chat.message.get"] = [Late(999.0), {"message": {"content": "Done, at length."}}]
    scene.time.at(Timeouts().answer + 10, lambda: scene.driver.put(Opened("boot-1")))  # another connection
    assert scene.play(fresh=False)[-1] == Finished("Done, at length.", "stop", None)

    mute = Scene(chat_history=[history(asked(), left_out)] * 9)
    mute.link.replies["chat.message.get"] = [Late(999.0)] * 9
    assert isinstance(mute.play(fresh=False)[-1], Failed)


def test_how_it_was_heard_to_end_counts_also_where_a_row_is_left_out() -> None:
    left_out = answered("[left out]") | {"__openclaw": {"id": "row", "reason": "oversized"}}
    flying = {**history(asked()), "inFlightRun": {"runId": "m", "text": "Let"}}
    scene = Scene(chat_history=[flying, history(asked(), left_out)])
    scene.link.replies["chat.message.get"] = [{"message": {"content": "Done, at length."}}]
    outcome = scene.play(RunEnded("m", SESSION, "Done,", False, cut_off=True), fresh=False)[-1]
    assert outcome == Finished("Done, at length.", "length", None)


def test_an_answer_is_not_held_back_for_ever_by_a_transcript_that_never_comes() -> None:
    scene = joined(*[Late(999.0)] * 9)
    outcome = scene.play(fresh=False)[-1]
    assert isinstance(outcome, Finished)
    assert outcome.stop_reason == "stop"
    assert scene.time() <= Timeouts().aside + 3 * Timeouts().answer + 1


def test_an_abort_that_nobody_asked_for_keeps_the_words() -> None:
    outcome = Scene(chat_send=[STARTED]).play(end("Half", aborted=True))[-1]
    assert outcome == Finished("Half", "broken", None, CUT_OFF)


def test_a_request_that_openclaw_refuses_is_not_the_providers_fault() -> None:
    scene = Scene(chat_send=[refuse("INVALID_REQUEST", "message must not contain null bytes")])
    (outcome,) = scene.play()
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.key, outcome.retryable) == ("invalid_message", "invalid_message.refused", False)


def test_a_file_that_comes_into_the_transcript_a_moment_later_is_waited_for() -> None:
    unsettled, settled = history(asked(), answered("Here.")), history(asked(), handing(IMAGE))
    scene = Scene(chat_send=[STARTED], chat_history=[unsettled, unsettled, settled])
    outcome = scene.play(NAMED, end("Here."))[-1]
    assert outcome == Finished("Here.", "stop", None, handed=(Handed("out.png", "image/png", "a1", 97),))
    assert scene.time() >= 2 * Timeouts().poll


def test_a_transcript_that_takes_long_costs_no_file() -> None:
    """What a turn cost can be done without, and not what it hands over."""
    slow = Late(Timeouts().aside + 5, history(asked(), handing(IMAGE)))
    outcome = Scene(chat_send=[STARTED], chat_history=[slow]).play(NAMED, end("Here."))[-1]
    assert outcome == Finished("Here.", "stop", None, handed=(Handed("out.png", "image/png", "a1", 97),))


def test_a_file_that_never_comes_is_told_as_lost() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), answered("Here."))])
    outcome = scene.play(NAMED, end("Here."))[-1]
    assert outcome == Finished("Here.", "stop", None, handed=(Handed("", problem="lost"),))
    assert scene.time() <= Timeouts().settle + 1


def test_a_file_that_is_named_again_after_a_crash_is_one_file() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[EMPTY, history(asked(), handing(IMAGE))])
    again = RunText("m", SESSION, "Here.", "q", files=("a.png",))
    outcome = scene.play(NAMED, *scene.restart(), again, end("Here."))[-1]
    assert isinstance(outcome, Finished)
    assert [file.problem for file in outcome.handed] == [None]


def test_who_does_not_want_to_wait_for_a_file_still_gets_the_others_and_hears_what_it_cost() -> None:
    counted = history(asked(), handing(IMAGE) | USAGE)
    scene = Scene(chat_send=[STARTED], chat_history=[counted])
    two = RunText("m", SESSION, "Here.", "p", files=("out.png", "a.png"))
    scene.time.at(Timeouts().poll / 2, lambda: scene.driver.put(Cancelled()))
    outcome = scene.play(two, end("Here."))[-1]
    assert isinstance(outcome, Finished)
    assert outcome.usage == Usage(10, 3, 0.25)
    assert outcome.handed == (Handed("out.png", "image/png", "a1", 97), Handed("", problem="lost"))


def test_a_file_that_openclaw_refuses_is_not_waited_for() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[history(asked(), handing(REFUSED))])
    assert scene.play(NAMED, end("Here."))[-1] == Finished(
        "Here.", "stop", None, handed=(Handed("passwd", problem="refused"),)
    )
    assert scene.time() == 0


def test_an_answer_without_files_waits_for_none() -> None:
    scene = Scene(chat_send=[STARTED], chat_history=[EMPTY])
    scene.play(say("Hi"), end("Hi"))
    assert scene.time() == 0
    assert scene.count("chat.history") == 1
