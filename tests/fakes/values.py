"""Fixed domain values that tests and golden files share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chalicelib.domain.agent import Agent, State, Step
from chalicelib.domain.conversation import Conversation, Entry, answer
from chalicelib.domain.inbox import Message, entry_of
from chalicelib.domain.turn import Failed, Finished, Usage

CREATED = datetime(2026, 1, 1, 12, 0, 0, 123000, tzinfo=UTC)
TALK = "11111111-1111-4111-8111-111111111111"
TURN = "22222222-2222-4222-8222-222222222222"
OTHER_TURN = "33333333-3333-4333-8333-333333333333"
KEY = "0123456789abcdef" * 4

MESSAGE = Message("ada", TURN, TALK, 1, "안녕 — how are you?", "web", CREATED)
QUESTION = entry_of(MESSAGE, pending=False)
FINISHED = Finished("I am well. 🎉", "stop", Usage(120, 8, 0.000456))
FAILED = Failed("model_auth", "The provider refused the key. Check it in the settings.", retryable=False)
ANSWER = answer(QUESTION, FINISHED, CREATED + timedelta(seconds=2), 2000)
NOTICE = answer(QUESTION, FAILED, CREATED + timedelta(seconds=2), 350)
TALKS = Conversation(TALK, "안녕 — how are you?", last_seq=2, last_at=CREATED + timedelta(seconds=2))

IDLE = Agent("ada")
STARTING = Agent(
    "ada",
    State.STARTING,
    epoch=1,
    since=CREATED,
    started_at=CREATED,
    last_active_at=CREATED,
    bridge_key=KEY,
    step=Step.GATEWAY,
    steps={"queued": CREATED, "gateway": CREATED + timedelta(seconds=4)},
    pending=1,
    next_seq=3,
)


def asked(text: str, *, id: str = OTHER_TURN, seq: int = 3, talk: str = TALK) -> Entry:
    return entry_of(Message("ada", id, talk, seq, text, "web", CREATED))
