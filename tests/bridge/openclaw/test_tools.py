from container.bridge.openclaw.tools import DETAIL_LENGTH, SUMMARY_LENGTH, read_tool


def test_the_summary_is_the_argument_that_tells_most() -> None:
    tool = read_tool({"phase": "start", "name": "web_fetch", "args": {"mode": "text", "url": "https://a.example"}})
    assert tool is not None
    assert tool.summary == "https://a.example"


def test_a_summary_is_one_short_line() -> None:
    tool = read_tool({"phase": "start", "name": "exec", "args": {"command": "echo 1\n  echo 2\n" * 100}})
    assert tool is not None
    assert tool.summary.startswith("echo 1 echo 2 ")
    assert len(tool.summary) == SUMMARY_LENGTH


def test_a_call_without_arguments_has_no_details() -> None:
    tool = read_tool({"phase": "start", "name": "session_status", "args": {}})
    assert tool is not None
    assert (tool.summary, tool.detail) == ("", None)


def test_a_failed_call_is_an_error() -> None:
    tool = read_tool({"phase": "result", "name": "exec", "isError": True, "result": "no such file"})
    assert tool is not None
    assert (tool.phase, tool.detail) == ("error", "no such file")


def test_a_long_result_is_cut() -> None:
    result = {"content": [{"type": "text", "text": "x" * 10_000}]}
    tool = read_tool({"phase": "result", "name": "exec", "result": result})
    assert tool is not None
    assert tool.detail is not None
    assert len(tool.detail) == DETAIL_LENGTH


def test_results_of_unknown_shape_do_no_harm() -> None:
    results: list[object] = [None, 7, {}, {"content": "text"}, {"content": []}]
    for result in results:
        tool = read_tool({"phase": "result", "name": "exec", "result": result})
        assert tool is not None
        assert tool.detail is None
    assert read_tool({"phase": "start", "name": "exec", "args": "odd"}) is not None


def test_updates_of_a_running_call_are_not_shown() -> None:
    assert read_tool({"phase": "update", "name": "exec"}) is None
