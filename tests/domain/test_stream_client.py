"""A page that keeps the rules ends with the very text, whatever was lost on the way."""

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.protocol import Frame
from chalicelib.domain.stream import Stream, digest, end, replay
from chalicelib.domain.turn import Delta
from tests.fakes.values import ANSWER, TALK, TURN

LONG = "긴 답 🎉 " * 1_800  # more than one frame


@dataclass
class Page:
    """The client's rule: void, drop, append, or ask."""

    text: str = ""
    held: int = 0
    asks: bool = False

    def receive(self, frame: Frame) -> None:
        n: int = frame["n"]
        first: int = frame.get("from") or n
        if frame.get("replace"):
            self.text, self.held, self.asks = frame["content"], n, False
        elif n > self.held:
            self.asks = first > self.held + 1
            if not self.asks:
                self.text, self.held = self.text + frame["content"], n

    def believes(self, told: Frame) -> bool:
        return bool(len(self.text) == told["chars"] and digest(self.text) == told["sha256"])


texts = st.one_of(st.text(alphabet='a한🎉"', max_size=4), st.sampled_from(["so ", "on", LONG]))
deltas = st.builds(Delta, texts, st.sampled_from([False, False, False, True]))
steps = st.tuples(st.lists(deltas, max_size=3), st.lists(st.booleans(), min_size=4, max_size=4))


def play(script: list[tuple[list[Delta], list[bool]]], *, lossy: bool) -> tuple[Stream, Page]:
    """Each step's deltas are framed; each frame arrives or is lost; a page that asks is caught up."""
    running, page = Stream(TALK, TURN), Page()
    for written, arrives in script:
        for delta in written:
            running.write(delta)
        for at, frame in enumerate(running.take()):
            if arrives[at % 4]:
                page.receive(frame)
        if page.asks:
            for at, frame in enumerate(running.catch_up()):
                if not lossy or arrives[-1 - at % 4]:
                    page.receive(frame)
    return running, page


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.lists(steps, max_size=6))
def test_a_page_that_is_caught_up_ends_with_the_very_text(script: list[tuple[list[Delta], list[bool]]]) -> None:
    running, page = play(script, lossy=False)
    told = end(replace(ANSWER, text=running.text))
    if not page.believes(told):
        for frame in running.catch_up():
            page.receive(frame)
    assert page.text == running.text
    assert page.believes(told)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.lists(steps, max_size=6))
def test_a_page_whose_catching_up_is_lost_too_notices_at_the_end(script: list[tuple[list[Delta], list[bool]]]) -> None:
    running, page = play(script, lossy=True)
    answer = replace(ANSWER, text=running.text)
    if not page.believes(end(answer)):
        for frame in replay(answer):
            if frame["type"] == "stream_chunk":
                page.receive(frame)
            elif frame["type"] == "message":
                page.text = frame["text"]
    assert page.text == running.text


def test_a_page_that_lost_nothing_never_asks() -> None:
    running, page = play(
        [([Delta("a"), Delta(LONG)], [True] * 4), ([Delta("b", replace=True)], [True] * 4)], lossy=False
    )
    assert page == Page("b", held=running.n, asks=False)


def test_chunks_that_arrive_twice_are_shown_once() -> None:
    running, page = Stream(TALK, TURN), Page()
    running.write(Delta("a"))
    for frame in list(running.take()) * 2:
        page.receive(frame)
    assert page.text == "a"


def test_a_chunk_that_begins_earlier_fills_the_gap() -> None:
    page = Page("a", held=1)
    page.receive({"n": 3, "from": 2, "content": "bc"})
    assert page == Page("abc", held=3)
