import copy
from typing import Any

from chalicelib.domain.turn import Usage
from container.bridge.openclaw.history import (
    RESUMED_BY,
    Answered,
    Broken,
    Underway,
    Unknown,
    build_history,
    count_runs,
    count_usage,
    find_turn,
)
from tests.bridge.openclaw.frames import read_history
from tests.bridge.openclaw.script import answered, asked, history, pending


def changed(name: str, **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(dict(read_history(name))), **fields}


def test_long_answers_are_asked_for_in_full() -> None:
    assert build_history("agent:main:c", 5000) == {"sessionKey": "agent:main:c", "limit": 1000, "maxChars": 500_000}


def test_a_message_that_is_not_there_is_unknown() -> None:
    assert find_turn(read_history("answer"), "another") == Unknown()
    assert find_turn({}, "another") == Unknown()


def test_a_run_that_resumes_something_given_up_is_told_to_the_next_message() -> None:
    history = read_history("killed-pending")
    run = history["pendingInputs"]["items"][0]["runId"]
    assert find_turn(history, "another") == Unknown((run,))
    resumed = read_history("killed-resumed")
    run = resumed["messages"][1]["idempotencyKey"].removesuffix(":user")
    assert find_turn({**resumed, "sessionInfo": {"activeRunIds": [run]}}, "another") == Unknown((run,))


def test_an_answer_is_found_with_what_it_cost() -> None:
    found = find_turn(read_history("answer"), "message-answer")
    assert found == Answered("users=1 w0 w1 w2 w3.", cancelled=False, usage=Usage(100, 5, 0.0))


def test_an_answer_with_tools_has_all_its_words_and_all_its_costs() -> None:
    found = find_turn(read_history("tool"), "message-tool")
    assert found == Answered("Let me see\n\nusers=2 w0 w1 w2.", cancelled=False, usage=Usage(200, 9, 0.0))


def test_an_aborted_answer_is_known_as_such() -> None:
    found = find_turn(read_history("aborted"), "message-aborted")
    assert isinstance(found, Answered)
    assert found.cancelled


def test_a_failure_keeps_its_words() -> None:
    found = find_turn(read_history("refused-key"), "message-refused-key")
    assert isinstance(found, Broken)
    assert "HTTP 401" in found.message


def test_a_failure_in_the_middle_of_an_answer_is_a_failure() -> None:
    found = find_turn(read_history("dropped-stream"), "message-dropped-stream")
    assert isinstance(found, Broken)
    assert "timed out" in found.message


def test_a_run_in_flight_is_underway_with_its_text() -> None:
    history = changed("answer", inFlightRun={"runId": "message-answer", "text": "users=1 w0"})
    assert find_turn(history, "message-answer") == Underway(active=True, said="users=1 w0 w1 w2 w3.", text="users=1 w0")


def test_a_turn_that_waits_to_be_resumed_is_expected_back() -> None:
    history = changed("killed-reserved", sessionInfo={"abortedLastRun": True, "status": "running", "activeRunIds": []})
    assert find_turn(history, "message-killed") == Underway(expected=True)


def test_a_reserved_run_is_the_one_that_will_resume_the_turn() -> None:
    history = read_history("killed-reserved")
    found = find_turn(history, "message-killed")
    assert found == Underway(tuple(history["sessionInfo"]["activeRunIds"]), expected=True)


def test_a_pending_resumption_is_a_run_of_the_message() -> None:
    history = read_history("killed-pending")
    found = find_turn(history, "message-killed")
    assert found == Underway((history["pendingInputs"]["items"][0]["runId"],), active=True)


def test_a_resumed_turn_has_the_answer_of_the_run_that_resumed_it() -> None:
    found = find_turn(read_history("killed-resumed"), "message-killed")
    assert isinstance(found, Answered)
    assert found.text.endswith("w19.")
    assert not found.cancelled


def test_a_message_without_answer_and_without_a_run_is_nobodys() -> None:
    history = changed("killed-reserved", sessionInfo={"abortedLastRun": False, "activeRunIds": []})
    assert find_turn(history, "message-killed") == Underway()


def test_a_message_that_waits_in_line_is_known() -> None:
    history = {"messages": [], "pendingInputs": {"items": [{"runId": "m", "state": "queued", "message": {}}]}}
    assert find_turn(history, "m") == Underway()


def test_a_turn_that_stopped_at_a_tool_has_no_answer_yet() -> None:
    history = changed("tool")
    history["messages"] = history["messages"][:-1]
    assert find_turn(history, "message-tool") == Underway(said="Let me see")


def test_the_next_message_of_the_person_ends_the_turn() -> None:
    history = changed("answer")
    history["messages"] += read_history("tool")["messages"]
    found = find_turn(history, "message-answer")
    assert isinstance(found, Answered)
    assert found.text == "users=1 w0 w1 w2 w3."


def test_no_usage_is_not_zero_usage() -> None:
    assert count_usage({"messages": []}, "m") is None


def test_a_message_that_openclaw_lost_before_its_run_began_is_unknown_and_its_id_is_used_up() -> None:
    """It answers a repetition with "Pending input ownership ended; submit a new turn to continue"."""
    gone = {"pendingInputs": {"items": [pending("m")]}}
    assert (find_turn(gone, "m"), count_runs(gone, "m")) == (Unknown(), 1)
    twice = [pending("m"), pending("m~2", "cancelled")]
    gone = {"pendingInputs": {"items": twice}}
    assert (find_turn(gone, "m"), count_runs(gone, "m")) == (Unknown(), 2)


def test_a_message_that_waits_in_line_under_another_id_is_known() -> None:
    assert find_turn({"pendingInputs": {"items": [pending("m~2", "queued")]}}, "m") == Underway(("m~2",))


def test_a_resumption_that_openclaw_lost_is_not_waited_for() -> None:
    lost = pending("r", provenance={"sourceTool": RESUMED_BY})
    found = find_turn({**history(asked("m")), "pendingInputs": {"items": [lost]}}, "m")
    assert found == Underway()


def test_the_answer_to_a_further_run_is_the_messages() -> None:
    found = find_turn(history(asked("m~2"), answered("There")), "m")
    assert found == Answered("There", cancelled=False, usage=None)


def test_a_further_run_in_flight_is_underway_under_its_own_id() -> None:
    flying = {**history(asked("m~2")), "inFlightRun": {"runId": "m~2", "text": "One"}}
    assert find_turn(flying, "m") == Underway(("m~2",), active=True, text="One")
