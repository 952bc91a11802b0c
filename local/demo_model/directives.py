"""Orders in the message by which anyone can drive the demo model: [[n=40]], [[delay=0.05]], [[err=429]] and more.

How an answer ends: [[stop=max_tokens]] cut off, [[refuse]] declined, [[midfail]] the connection drops in the middle,
[[break]] the provider reports an error there. What it does: [[tool=exec {…}]] once, [[loop=3]] three times in a row,
[[loop]] for ever, [[pre=…]] says something before each of them. [[media=./a.png]] hands a file over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = re.compile(r"\[\[(n|delay|ttft|err)=(\d+(?:\.\d+)?)\]\]")
TOOL = re.compile(r"\[\[tool=(\S+) (\{.*?\})\]\]", re.DOTALL)
SAY = re.compile(r"\[\[say=(.+?)\]\]", re.DOTALL)
PRE = re.compile(r"\[\[pre=(.+?)\]\]", re.DOTALL)
STOP, LOOP, MEDIA = (
    re.compile(rf"\[\[{name}\]\]") for name in (r"stop=([a-z_]+)", r"loop(?:=(\d+))?", r"media=([^\]]+)")
)
WORDLESS = "midfail|break|refuse|loop(?:=[0-9]+)?|stop=[a-z_]+|media=[^\\]]+"
ANY = re.compile(rf"\[\[(?:(?:n|delay|ttft|err)=[^\]]*|{WORDLESS}|(?:say|pre)=.+?|tool=\S+ \{{.*?\}})\]\]", re.DOTALL)
ENDLESS = 10**9
COUNTED = ("exec", '{"command":"echo step; date +%s%N"}')  # what [[loop]] does where no tool is named
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
    broken: bool = False  # the provider reports an error after half of the answer
    stop: str | None = None  # why it stops, in the provider's word
    tool: tuple[str, str] | None = None  # its name and its input as JSON
    calls: int = 1  # of the tool, one after the other
    pre: str | None = None  # said before each of them
    media: tuple[str, ...] = ()  # paths of files that are handed over


def parse(text: str) -> Directives:
    numbers = {name: min(float(value), float(MOST_WORDS)) for name, value in NUMBER.findall(text)}
    error = int(numbers.get("err", 0))
    tools, said, pre, stop, loop = (each.findall(text) for each in (TOOL, SAY, PRE, STOP, LOOP))
    return Directives(
        words=int(numbers["n"]) if "n" in numbers else None,
        say=said[-1] if said else None,
        delay=min(numbers["delay"], LONGEST_DELAY) if "delay" in numbers else None,
        first=min(numbers.get("ttft", 0.0), LONGEST_DELAY),
        error=error if error in ERRORS else None,
        midfail="[[midfail]]" in text,
        broken="[[break]]" in text,
        stop="refusal" if "[[refuse]]" in text else stop[-1] if stop else None,
        tool=tools[-1] if tools else COUNTED if loop else None,
        calls=int(loop[-1] or ENDLESS) if loop else 1,
        pre=pre[-1] if pre else None,
        media=tuple(MEDIA.findall(text)),
    )


def without(text: str) -> str:
    return re.sub(r"\s+", " ", ANY.sub("", text)).strip()
