"""What stays with an answer: its tools, as many as fit, and its files."""

from __future__ import annotations

import json

import pytest

from chalicelib.domain.kept import (
    MORE,
    MOST_KEPT_DETAIL,
    MOST_TOOL_BYTES,
    MOST_TOOLS,
    KeptTool,
    Media,
    ToolLedger,
    bound,
    kind_of_file,
    media_facts,
    read_media,
    read_tools,
    tool_facts,
)
from chalicelib.domain.turn import Tool


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        ("image/png", "image"),
        ("IMAGE/JPEG; q=1", "image"),
        ("image/svg+xml", "file"),
        ("image/svg+xml; charset=utf-8", "file"),
        ("IMAGE/SVG+XML", "file"),
        ("image/heic", "file"),  # no browser but one shows it
        ("audio/mpeg", "audio"),
        ("audio/midi", "file"),
        ("video/mp4", "video"),
        ("video/x-matroska", "file"),
        ("text/html", "file"),
        ("application/xhtml+xml", "file"),
        ("application/pdf", "file"),
        ("image", "file"),
        ("", "file"),
    ],
)
def test_only_what_every_browser_shows_and_holds_no_program_is_shown(mime_type: str, kind: str) -> None:
    assert kind_of_file(mime_type) == kind


def test_calls_are_kept_in_the_order_in_which_they_began() -> None:
    ledger = ToolLedger()
    for tool in (
        Tool("read", "start", "a.txt", call="1"),
        Tool("read", "start", "b.txt", call="2"),
        Tool("read", "error", "b.txt", "it is not there", call="2"),
        Tool("read", "end", "a.txt", "A", call="1"),
    ):
        ledger.note(tool)

    assert ledger.keep() == (
        KeptTool(1, "read", "a.txt", "done", "A"),
        KeptTool(2, "read", "b.txt", "failed", "it is not there"),
    )


def test_a_call_without_a_name_of_its_own_ends_the_last_one_of_its_tool() -> None:
    ledger = ToolLedger()
    for phase in ("start", "end", "start", "error"):
        ledger.note(Tool("exec", phase, "ls"))

    assert [each.state for each in ledger.keep()] == ["done", "failed"]


def test_a_tool_whose_end_was_never_told_is_not_kept_as_done() -> None:
    ledger = ToolLedger()
    ledger.note(Tool("exec", "start", "make", None, "c1"))
    assert [each.state for each in ledger.keep()] == ["failed"]


@pytest.mark.parametrize("count", [1, MOST_TOOLS, MOST_TOOLS + 1, 600])
@pytest.mark.parametrize("summary", ["ls", "목록 " * 60])
def test_however_many_tools_there_were_they_fit_beside_a_usual_text(count: int, summary: str) -> None:
    tools = [KeptTool(number + 1, "exec", summary, "done", "x" * 5_000) for number in range(count)]
    kept = bound(tools)

    assert len(json.dumps(tool_facts(kept), ensure_ascii=False).encode()) <= MOST_TOOL_BYTES + 200
    assert kept[0].name == "exec"
    left_out = count - sum(each.name != MORE for each in kept)
    assert (kept[-1].name == MORE) == (left_out > 0)
    assert not left_out or kept[-1].summary == f"+{left_out}"


def test_a_few_tools_keep_the_beginning_of_what_they_said() -> None:
    (kept,) = bound([KeptTool(1, "exec", "ls", "done", "x" * 5_000)])
    assert kept.detail == "x" * MOST_KEPT_DETAIL


def test_tools_and_files_are_read_as_they_were_written() -> None:
    tools = (KeptTool(1, "exec", "ls", "done", "a"), KeptTool(2, "read", "b", "failed"))
    media = (Media("m1", "image", "a.png", "image/png", 3),)

    assert read_tools(tool_facts(tools)) == tools
    assert read_media(media_facts(media)) == media
    assert (read_tools(None), read_media(None)) == ((), ())
