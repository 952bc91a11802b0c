"""Orders in the message by which anyone can drive the demo model: [[n=40]], [[delay=0.05]], [[err=429]] and more."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = re.compile(r"\[\[(n|delay|ttft|err)=(\d+(?:\.\d+)?)\]\]")
TOOL = re.compile(r"\[\[tool=(\S+) (\{.*?\})\]\]", re.DOTALL)
SAY = re.compile(r"\[\[say=(.+?)\]\]", re.DOTALL)
ANY = re.compile(r"\[\[(?:(?:n|delay|ttft|err)=[^\]]*|midfail|say=.+?|tool=\S+ \{.*?\})\]\]", re.DOTALL)
MOST_WORDS = 1_000_000
MOST_CHARACTERS = 8_000_000
LONGEST_DELAY = 600.0  # seconds
ERRORS = range(400, 600)


@dataclass(frozen=True)
class Directives:
    words: int | None = None
    say: str | None = None  # this instead, so many times
    delay: float | None = None  # seconds before each word but the first
    first: float = 0.0  # seconds before the first word
    error: int | None = None  # HTTP status instead of an answer
    midfail: bool = False  # the connection drops after half of the answer
    tool: tuple[str, str] | None = None  # its name and its input as JSON


def parse(text: str) -> Directives:
    numbers = {name: min(float(value), float(MOST_WORDS)) for name, value in NUMBER.findall(text)}
    error = int(numbers.get("err", 0))
    tools, said = TOOL.findall(text), SAY.findall(text)
    return Directives(
        words=int(numbers["n"]) if "n" in numbers else None,
        say=said[-1] if said else None,
        delay=min(numbers["delay"], LONGEST_DELAY) if "delay" in numbers else None,
        first=min(numbers.get("ttft", 0.0), LONGEST_DELAY),
        error=error if error in ERRORS else None,
        midfail="[[midfail]]" in text,
        tool=tools[-1] if tools else None,
    )


def without(text: str) -> str:
    return re.sub(r"\s+", " ", ANY.sub("", text)).strip()
