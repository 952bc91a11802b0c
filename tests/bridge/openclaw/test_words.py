"""All that a turn says, however it is told. The shapes were seen at OpenClaw 2026.9.6."""

from chalicelib.domain.turn import Delta, TurnEvent
from container.bridge.openclaw.words import Spoken, join


def rendered(events: list[TurnEvent]) -> str:
    text = ""
    for event in events:
        if isinstance(event, Delta):
            text = event.text if event.replace else text + event.text
    return text


def test_what_is_said_before_a_tool_stays_in_front_of_what_comes_after_it() -> None:
    words = Spoken()
    shown = words.say("m:1", "Let me")
    words.close()
    shown += words.say("m:2", "Done.")
    assert words.shown == rendered(shown) == "Let me\n\nDone."
    assert shown == [Delta("Let me"), Delta("\n\nDone.")]


def test_words_that_come_too_late_to_be_streamed_are_told_with_the_whole_part() -> None:
    words = Spoken()
    words.say("m:1", "one two")
    assert words.say("commentary-0-a", "one two three", whole=True) == [Delta(" three")]
    assert words.say("commentary-0-a", "one two three", whole=True) == []


def test_a_part_that_is_told_only_as_a_whole_is_shown() -> None:
    words = Spoken()
    words.say("commentary-0-a", "First.", whole=True)
    words.close()
    words.say("commentary-0-b", "Second.", whole=True)
    assert words.shown == "First.\n\nSecond."


def test_the_same_words_before_each_of_two_tools_are_said_twice() -> None:
    words = Spoken()
    for number in (1, 2):
        words.say(f"m:{number}", "Step.")
        words.say(f"commentary-0-{number}", "Step.", whole=True)
        words.close()
    assert words.shown == "Step.\n\nStep."


def test_a_part_that_is_taken_back_leaves_those_before_it() -> None:
    words = Spoken()
    words.say("m:1", "First.")
    words.close()
    words.say("m:2", "Half an ans")
    assert words.say("m:2", "") == [Delta("First.", replace=True)]
    words.say("n:1", "The answer.")
    assert words.shown == "First.\n\nThe answer."


def test_a_turn_that_is_joined_shows_what_the_transcript_has_and_goes_on_behind_it() -> None:
    words = Spoken()
    assert words.rejoin("First.", "First.\n\nSec") == [Delta("First.\n\nSec")]
    assert words.say("m:2", "Second") == [Delta("ond")]


def test_what_openclaw_tells_of_several_parts_is_not_believed() -> None:
    words = Spoken()
    words.rejoin("one two three", "one two\n\nSec")
    words.say("m:2", "Second")
    assert words.shown == "one two three\n\nSecond"


def test_an_attempt_that_died_is_replaced_when_the_next_one_speaks_and_no_earlier() -> None:
    words = Spoken()
    words.say("m:1", "Finished part.")
    words.close()
    words.say("m:2", "Half an ans")
    words.restart("Finished part.")
    assert words.shown == "Finished part.\n\nHalf an ans"
    assert words.say("r:1", "The answer") == [Delta("Finished part.\n\nThe answer", replace=True)]


def test_lines_that_hand_over_files_are_no_words() -> None:
    assert join(["Here.\nMEDIA:/etc/passwd\n", "MEDIA:./a.png", "Done."]) == "Here.\n\nDone."


def test_the_end_of_a_run_tells_what_was_missed_of_its_last_part() -> None:
    words = Spoken()
    words.rejoin("First.", "First.\n\nSec")
    assert words.finish("Second.") == [Delta("ond.")]


def test_the_end_of_an_attempt_that_was_not_heard_stands_behind_what_the_one_before_had_finished() -> None:
    words = Spoken()
    words.say("m:1", "Finished part.")
    words.close()
    words.say("m:2", "Half an ans")
    words.restart("Finished part.")
    assert words.finish("The answer.") == [Delta("Finished part.\n\nThe answer.", replace=True)]


def test_an_end_with_gaps_is_not_believed() -> None:
    words = Spoken()
    words.say("m:1", "First part.")
    words.close()
    words.say("m:2", "Second.")
    assert words.finish("First pa\n\nSecond.") == []


def test_a_transcript_that_is_older_than_what_was_told_takes_nothing_away() -> None:
    """Its answer takes seconds on a busy machine; what is told before it comes is not told again."""
    words = Spoken()
    words.mark()
    words.say("1", "Let me look.")
    words.close()
    assert words.rejoin("", "Let me") == []
    assert words.shown == "Let me look."
    words.say("2", "It is there.")
    assert words.shown == "Let me look.\n\nIt is there."


def test_what_the_transcript_has_of_what_was_told_meanwhile_is_said_once() -> None:
    words = Spoken()
    words.mark()
    words.say("1", "Let me look.")
    words.close()
    words.say("2", "It is")
    assert words.rejoin("Let me look.", None) == []
    words.say("2", "It is there.")
    assert words.shown == "Let me look.\n\nIt is there."


def test_an_attempt_that_died_is_void_although_the_next_one_spoke_before_the_transcript_came() -> None:
    words = Spoken()
    words.say("1", "Let me look.")
    words.close()
    words.say("2", "Half of an")
    words.mark()
    words.say("3", "It is")
    words.rejoin("Let me look.", "Let me look.\n\nIt")
    assert words.shown == "Let me look.\n\nIt is"


def test_a_line_that_hands_over_a_file_does_not_make_its_part_another() -> None:
    words = Spoken()
    words.mark()
    words.say("1", "Here it is.\nMEDIA:/tmp/a.png")
    words.close()
    words.rejoin("Here it is.", None)
    assert words.shown == "Here it is."
