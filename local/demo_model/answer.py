"""What the demo model says, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.demo_model.directives import MOST_CHARACTERS, Directives, parse, without
from local.demo_model.prompt import Prompt

PACE = 0.02  # seconds a word, like a quick real model
QUOTE_LENGTH = 300
TITLE_WORDS = 6
HANGUL = re.compile(r"[\uac00-\ud7a3]")

ENGLISH = (
    "You said: “{line}”. I am the demo model, so I cannot think about it, but everything around me is the real thing. "
    "To talk to a real model, stop with Ctrl-C and start again with `ANTHROPIC_API_KEY=… make run`."
)
KOREAN = (
    "“{line}”라고 하셨네요. 저는 데모 모델이라 깊이 생각하지는 못하지만, 저를 둘러싼 나머지는 모두 진짜입니다. "
    "실제 모델과 대화하려면 Ctrl-C로 멈추고 `ANTHROPIC_API_KEY=… make run`으로 다시 시작하세요."
)
ENGLISH_TOOL, KOREAN_TOOL = "The tool answered: “{line}”.", "도구가 “{line}”라고 답했습니다."


@dataclass(frozen=True)
class Answer:
    """`words` end in their own spaces; joined they are the text, which stands before the tool where there is one."""

    words: list[str]
    directives: Directives
    tool: tuple[str, str] | None
    delay: float

    @property
    def text(self) -> str:
        return "".join(self.words)


def compose(prompt: Prompt) -> Answer:
    directives = parse(prompt.text)
    tool = directives.tool if prompt.results < directives.calls else None
    counted = directives.words is not None
    delay = directives.delay if directives.delay is not None else (0.0 if counted else PACE)
    text = (directives.pre or "") if tool else _text(prompt, directives) + _media(directives)
    return Answer(_words(text), directives, tool, delay)


def _media(directives: Directives) -> str:
    return "".join(f"\nMEDIA:{path}" for path in directives.media)


def _text(prompt: Prompt, directives: Directives) -> str:
    if directives.say is not None:
        return (directives.say * min(directives.words or 1, MOST_CHARACTERS))[:MOST_CHARACTERS]
    if directives.words is not None:
        return " ".join(f"w{number}" for number in range(directives.words)) + "."
    quote = without(prompt.line) or without(prompt.text)
    if prompt.title:
        return " ".join(quote.split()[:TITLE_WORDS]) or "Demo"
    korean = bool(HANGUL.search(quote))
    if prompt.tool_result is not None:
        return (KOREAN_TOOL if korean else ENGLISH_TOOL).format(line=_shortened(_first_line(prompt.tool_result)))
    return (KOREAN if korean else ENGLISH).format(line=_shortened(quote))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTE_LENGTH else text[:QUOTE_LENGTH] + "…"


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)
