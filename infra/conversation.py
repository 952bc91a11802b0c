"""What the check and the canary say to an agent, and what they demand of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from infra.adapters.visitor import Visitor
from infra.errors import CheckFailed

WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "garnet", "harbor")
Talk = Callable[[Visitor, str, Callable[[str], None], Callable[[], object]], None]


def converse(
    visitor: Visitor, word: str, say: Callable[[str], None], wake: Callable[[], object] = lambda: None
) -> None:
    """`wake` starts the agent where a message alone would start another one."""
    began = time.monotonic()
    wake()
    visitor.ask(f"Remember this word, I will ask for it later: {word}. Answer with one short sentence.")
    say(f"it woke and answered after {time.monotonic() - began:.0f} s")
    visitor.fall_asleep()
    say("it sleeps")
    wake()
    answer = visitor.ask("Which word did I ask you to remember? Answer with the word alone.")
    if word not in answer.lower():
        raise CheckFailed(f"After its sleep the agent does not remember {word!r}; it says: {answer[:200]}")
    say("it woke and remembers")
    visitor.fall_asleep()


def check(visitor: Visitor, word: str, say: Callable[[str], None], wake: Callable[[], object]) -> None:
    """And what it remembers can be taken home."""
    converse(visitor, word, say, wake)
    say(f"its backup can be downloaded: {visitor.download_backup() / 1e6:.1f} MB")
