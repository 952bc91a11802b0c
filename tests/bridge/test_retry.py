import pytest

from chalicelib.errors import Fenced
from container.bridge.retry import attempt, retry


class Away:
    """Tables that do not answer so many times."""

    def __init__(self, times: int, error: Exception | None = None) -> None:
        self.times, self.error = times, error or RuntimeError("no answer")
        self.waits: list[float] = []

    def work(self) -> str:
        if self.times > len(self.waits):
            raise self.error
        return "done"


def test_what_fails_for_a_while_is_tried_again() -> None:
    away = Away(2)
    assert retry(away.work, away.waits.append, (1.0, 2.0, 4.0)) == "done"
    assert away.waits == [1.0, 2.0]


def test_what_fails_for_too_long_is_an_error() -> None:
    away = Away(9)
    with pytest.raises(RuntimeError):
        retry(away.work, away.waits.append, (1.0, 2.0))


def test_what_may_fail_keeps_nothing_else_from_happening() -> None:
    away = Away(9)
    assert attempt(away.work, away.waits.append) is None


@pytest.mark.parametrize("way", [retry, attempt])
def test_an_epoch_that_is_over_is_not_tried_again(way: object) -> None:
    away = Away(9, Fenced("over"))
    with pytest.raises(Fenced):
        way(away.work, away.waits.append, (1.0,))  # type: ignore[operator]
    assert away.waits == []
