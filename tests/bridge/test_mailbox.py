"""What threads leave for each other arrives once, in order, and wakes who waits."""

from __future__ import annotations

import signal
import threading
import time

from container.bridge.mailbox import Mailbox, Promise
from container.bridge.threads import Threads

LONG = 5.0  # seconds that nothing here takes


def test_what_was_put_is_taken_once_and_in_order() -> None:
    mailbox: Mailbox[int] = Mailbox(Threads())
    for number in range(3):
        mailbox.put(number)
    assert mailbox.take() == [0, 1, 2]
    assert mailbox.take() == []


def test_values_of_many_threads_all_arrive() -> None:
    mailbox: Mailbox[int] = Mailbox(Threads())

    def put_many() -> None:
        for _ in range(500):
            mailbox.put(1)

    threads = [threading.Thread(target=put_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    taken: list[int] = []
    while len(taken) < 2000:
        assert mailbox.wait(LONG)
        taken += mailbox.take()
    for thread in threads:
        thread.join()
    assert sum(taken) == 2000


def test_a_ring_says_nothing_and_ends_the_wait() -> None:
    mailbox: Mailbox[int] = Mailbox(Threads())
    threading.Timer(0.01, mailbox.ring).start()
    assert mailbox.wait(LONG)
    assert mailbox.take() == []
    assert not mailbox.wait(0.0)


def test_who_comes_late_does_not_wait_for_what_is_there() -> None:
    mailbox: Mailbox[str] = Mailbox(Threads())
    mailbox.put("here")
    assert mailbox.wait(LONG) and mailbox.wait(LONG)
    assert mailbox.has(str) and not mailbox.has(int)
    assert mailbox.take() == ["here"]


def test_a_signal_handler_may_put_while_the_thread_it_interrupts_waits() -> None:
    mailbox: Mailbox[str] = Mailbox(Threads())
    before = signal.signal(signal.SIGALRM, lambda number, frame: mailbox.put("stop"))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        began = time.monotonic()
        assert mailbox.wait(LONG)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert mailbox.take() == ["stop"]
    assert time.monotonic() - began < LONG / 2


def test_a_promise_is_kept_for_ever() -> None:
    promise: Promise[int] = Promise(Threads())
    assert promise.wait(0.0) is None
    threading.Timer(0.01, lambda: promise.put(7)).start()
    assert [promise.wait(LONG), promise.wait(LONG), promise.value] == [7, 7, 7]
