"""What a text is, the same in every channel: what is taken out of it, when it says nothing, how long it may be.

The page does the same before it sends: `toWellFormed()`, then the two classes of characters below.
"""

from __future__ import annotations

import re

MOST_CHARACTERS = 40_000  # of one message; with its parts beside it, its row still holds that many emoji
HANGUL_WEIGHT = 3  # letters of English that say as much as a syllable
REPLACEMENT = "\ufffd"

# Combining marks of every script's accents; more than two on a letter reach into the lines above and below.
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
_HALVES = re.compile("[\ud800-\udfff]")  # of a surrogate pair: JSON, but no text that can be kept
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")  # OpenClaw refuses NUL, and drops the others itself
_HANGUL = re.compile("[\uac00-\ud7a3]")
_LATIN = re.compile("[A-Za-z]")
# White_Space, Default_Ignorable_Code_Point, Cc, and the blank of Braille; by Unicode 17
_BLANK = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]*"
)
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # printable, and nothing to be seen
_PILED = re.compile(f"([{_MARKS}]{{2}})[{_MARKS}]+")


def guess_language(text: str) -> str:
    """Of who wrote it, where nobody has chosen one: a name or an order among the words of one is not another."""
    return "ko" if HANGUL_WEIGHT * len(_HANGUL.findall(text)) > len(_LATIN.findall(text)) else "en"


def mend(text: str) -> str:
    """Can be encoded: each lone half of a surrogate pair is U+FFFD."""
    return _HALVES.sub(REPLACEMENT, text)


def clean(text: str) -> str:
    """What every program on the way takes: without NUL and other controls, without byte order marks."""
    return _DROPPED.sub("", mend(text))


def is_empty(text: str) -> bool:
    """Is there nothing that anybody could read?"""
    return _BLANK.fullmatch(text) is not None


def one_line(text: str, most: int = 80) -> str:
    """A name among words of ours: on one line, without anything invisible, cut with a mark where it is long.

    What turns the direction of writing is invisible, too; of marks on one letter there are at most two.
    """
    shown = "".join(char if char.isprintable() and char not in _FILLERS else " " for char in mend(text))
    short = " ".join(_PILED.sub(r"\1", shown).split())
    return short if len(short) <= most else f"{short[: most - 1]}…"
