"""What a message carries besides its sender's own words, written so that a model takes it for data.

Each part is a line of ours in brackets and below it lines that begin with `>`: whatever somebody else has said, none
of its lines can be taken for the owner's words or for a bracket of ours, and there is no end that it could fake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.telegram_context_words import explain
from chalicelib.domain.telegram_entities import address, hidden, person, quote, read_marks, to_markdown
from chalicelib.domain.telegram_fields import mapping, number, string
from chalicelib.domain.telegram_kinds import describe
from chalicelib.domain.text import clean, is_empty, one_line

Json = Mapping[str, Any]
MOST = 20_000  # characters of all that one message carries
ATTACHED = frozenset({"photo", "document"})  # need no words, they are given to the agent themselves
NO_BRACKETS = str.maketrans("[]", "()")
YEAR_10000 = 253_402_300_800


def own_words(message: Json) -> str:
    """The text or the caption, with its markup."""
    name = "text" if message.get("text") else "caption"
    return _marked(string(message.get(name)), message.get("entities" if name == "text" else "caption_entities"))


def is_foreign(message: Json) -> bool:
    """Did somebody else write it, a person or a bot, and the owner only pass it on?"""
    return "via_bot" in message or any(key.startswith("forward_") for key in message)


def context(message: Json, language: str) -> str:
    """All of it; "" where a message is its sender's words and nothing else."""
    blocks = [*_foreign(message, language), *_attached(message, language), *_answered(message, language)]
    text = "\n\n".join(blocks)
    return text if len(text) <= MOST else f"{text[:MOST].rsplit(chr(10), 1)[0]}\n{_head('cut', language)}"


def block(key: str, text: str, language: str, **facts: object) -> str:
    """A line of ours, and below it what somebody said."""
    head = _head(key, language, **facts)
    return head if is_empty(text) else f"{head}\n{quote(clean(text))}"


def _head(key: str, language: str, **facts: object) -> str:
    """Nothing that somebody else calls himself can end it."""
    said = {name: str(fact).translate(NO_BRACKETS) for name, fact in facts.items()}
    return f"[{explain(language, 'data')}: {explain(language, key, **said)}]"


def _foreign(message: Json, language: str) -> Iterator[str]:
    """The message itself, where its words are not its sender's."""
    if not is_foreign(message):
        return
    if "via_bot" in message:
        key, facts = "via_bot", {"who": person(mapping(message["via_bot"]))}
    else:
        origin = mapping(message.get("forward_origin"))
        key, facts = "forwarded", {"who": _author(origin, message), "when": _moment(origin.get("date"))}
    yield block(key, own_words(message), language, **facts)


def _attached(message: Json, language: str) -> Iterator[str]:
    lines = [*_hidden(message), *_preview(message)]
    if lines:
        yield block("links", "\n".join(lines), language)
    attached = ATTACHED & message.keys() and "animation" not in message
    if not attached and (kind := describe(message, language)):
        yield block("sent", kind, language)


def _answered(message: Json, language: str) -> Iterator[str]:
    """What the message answers: something said here, something said elsewhere, or a part of it."""
    here, elsewhere = mapping(message.get("reply_to_message")), mapping(message.get("external_reply"))
    if here:
        yield _answer(here, message, language)
    if elsewhere:
        who = _author(mapping(elsewhere.get("origin")), elsewhere)
        text = "\n".join([describe(elsewhere, language), *_preview(elsewhere)])
        yield block("elsewhere", text, language, who=who)
    if part := mapping(message.get("quote")):
        yield block("part", _marked(string(part.get("text")), part.get("entities")), language)
    if story := mapping(message.get("reply_to_story")):
        yield block("to_story", "", language, who=person(mapping(story.get("chat"))))


def _answer(here: Json, message: Json, language: str) -> str:
    author, owner = mapping(here.get("from")), mapping(message.get("from"))
    who = person(author)
    if is_foreign(here):
        key, who = "to_other", _author(mapping(here.get("forward_origin")), here)
    elif author.get("is_bot"):
        key = "to_agent"
    else:
        key = "to_owner" if number(author.get("id")) == number(owner.get("id")) else "to_other"
    lines = [own_words(here), *_hidden(here), *_preview(here), describe(here, language)]
    return block(key, "\n".join(filter(None, lines)), language, who=who)


def _hidden(message: Json) -> Iterator[str]:
    for name, entities in (("text", "entities"), ("caption", "caption_entities")):
        text = string(message.get(name))
        yield from hidden(text, read_marks(text, message.get(entities)))


def _preview(message: Json) -> Iterator[str]:
    """The page that is shown below a text, where its address is not in the text."""
    url = address(mapping(message.get("link_preview_options")).get("url"))
    if url and url not in string(message.get("text")):
        yield f"→ {url}"


def _marked(text: str, entities: object) -> str:
    return clean(to_markdown(text, read_marks(text, entities))).strip()


def _author(origin: Json, message: Json) -> str:
    """Who wrote it first. Names are what people call themselves."""
    if name := string(origin.get("sender_user_name")):
        return person({"first_name": name})
    keys = ("sender_user", "sender_chat", "chat")
    known = next((mapping(origin[key]) for key in keys if key in origin), {})
    known = known or mapping(message.get("via_bot")) or mapping(message.get("forward_from"))
    signed = one_line(string(origin.get("author_signature")))
    return f"{person(known)}{f', {signed}' if signed else ''}{_place(origin)}"


def _place(origin: Json) -> str:
    """Where a public channel's message can be read."""
    name, message = string(mapping(origin.get("chat")).get("username")), number(origin.get("message_id"))
    return f", https://t.me/{one_line(name)}/{message}" if name and message else ""


def _moment(value: object) -> str:
    seconds = number(value)
    if not 0 < seconds < YEAR_10000:
        return ""
    return f", {datetime.fromtimestamp(seconds, UTC).isoformat(timespec='minutes').replace('+00:00', 'Z')}"
