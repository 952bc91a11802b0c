import threading
from typing import Any

from chalicelib.domain.protocol import Frame
from chalicelib.domain.stream import Stream
from chalicelib.domain.turn import Delta, Tool
from container.bridge.threads import Threads
from container.bridge.turns.streaming import StreamWriter
from tests.fakes.bridge import eventually, now
from tests.fakes.values import TALK


class SlowPages:
    """Takes frames, and can be made to take its time."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.late: list[tuple[str, Frame]] = []
        self.free = threading.Event()
        self.free.set()

    def send(self, frame: Frame) -> None:
        self.free.wait(5)
        self.frames.append(frame)

    def reply(self, connection_id: str, frame: Frame) -> None:
        self.late.append((connection_id, frame))

    @property
    def text(self) -> str:
        return "".join(frame["content"] for frame in self.frames if frame["type"] == "stream_chunk")


def writer(pages: SlowPages) -> StreamWriter:
    threads = Threads()
    writer = StreamWriter(Stream(TALK, "m1"), pages, threads, now)
    threads.spawn(writer.run, "stream")
    return writer


def test_the_first_words_go_out_at_once() -> None:
    pages = SlowPages()
    stream = writer(pages)

    stream.write(Delta("Hel"))

    eventually(lambda: pages.text == "Hel", "the first words")
    stream.finish()


def test_words_that_come_quickly_share_a_frame() -> None:
    pages = SlowPages()
    stream = writer(pages)
    for number in range(200):
        stream.write(Delta(f"{number} "))

    stream.finish()

    assert pages.text == "".join(f"{number} " for number in range(200))
    assert len(pages.frames) < 20


def test_a_pause_does_not_hold_words_back() -> None:
    pages = SlowPages()
    stream = writer(pages)
    stream.write(Delta("a"))
    eventually(lambda: pages.text == "a", "the first word")

    stream.write(Delta("b"))

    eventually(lambda: pages.text == "ab", "the second word, though nothing follows it")
    stream.finish()


def test_a_slow_page_gets_fewer_and_larger_frames() -> None:
    pages = SlowPages()
    stream = writer(pages)
    pages.free.clear()
    for number in range(500):
        stream.write(Delta(f"{number} "))
    pages.free.set()

    stream.finish()

    assert pages.text == "".join(f"{number} " for number in range(500))
    assert len(pages.frames) <= 10


def test_a_tool_is_shown_without_delay_behind_the_words_before_it() -> None:
    pages = SlowPages()
    stream = writer(pages)
    stream.write(Delta("Let me look. "))
    stream.note(Tool("exec", "start", "ls"))

    eventually(lambda: len(pages.frames) == 2, "both frames")

    assert [frame["type"] for frame in pages.frames] == ["stream_chunk", "tool"]
    stream.finish()


def test_nothing_comes_after_the_end() -> None:
    pages = SlowPages()
    stream = writer(pages)
    stream.write(Delta("Hello"))
    stream.catch_up("late")

    stream.finish()

    assert pages.text == "Hello"
    replies: list[Any] = [(who, frame["content"]) for who, frame in pages.late]
    assert replies in ([("late", "Hello")], [])
