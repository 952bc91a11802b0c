"""The wire, frozen: what the code reads and builds is what `tests/golden` holds, where the page's tests read it too.

A change here is a change of the contract: edit the file by hand, and the page with it.
"""

import json
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain import client_frames, generations, protocol, stream
from chalicelib.domain.agent import State, Step
from chalicelib.domain.attachment import File, upload_key
from chalicelib.domain.bridge import Request, sign, verify
from chalicelib.domain.conversation import answer
from chalicelib.domain.estimate import Estimate
from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.generations import Kind, Point
from chalicelib.domain.inbox import entry_of
from chalicelib.domain.kept import KeptTool, Media
from chalicelib.domain.linking import Link, Offer
from chalicelib.domain.models import Models, available
from chalicelib.domain.notes import HALTED, NO_CAPACITY, NOTES, at_work, incomplete, work_cut
from chalicelib.domain.own_work import OwnWork
from chalicelib.domain.protocol import Frame
from chalicelib.domain.search import Hit
from chalicelib.domain.settings import Settings
from chalicelib.domain.stream import Stream
from chalicelib.domain.times import from_text, to_text
from chalicelib.domain.turn import Approval, Delta, Finished, Tool, Waiting
from chalicelib.errors import RateLimited, ServiceError, SignedOut
from chalicelib.ports import Form
from chalicelib.services.backups import Download
from chalicelib.services.media import Place
from chalicelib.services.uploads import UploadOffer
from chalicelib.tables.connections import GOAWAY
from tests.fakes.values import (
    ANSWER,
    CREATED,
    IDLE,
    KEY,
    MESSAGE,
    NOTICE,
    OTHER_TURN,
    QUESTION,
    STARTING,
    TALK,
    TALKS,
    TURN,
    asked,
)

STOPPED = Point(3, "ab" * 32, CREATED, 1, Kind.STOP, 104_857_600, 12, kept=True)
RESTORED = replace(STOPPED, number=7, kind=Kind.RESTORED, kept=False, source=3)
LACKING = replace(STOPPED, incomplete=("agents/main/agent/openclaw-agent.sqlite", "workspace/pipe"), incomplete_count=2)
TAR = "openclaw-2026-01-01-1200.tar"
MEDIA_URL = "https://bucket.s3.eu-central-1.amazonaws.com/users/ada/media/55555555-5555-5555-8555-555555555555"
URL = "https://bucket.s3.eu-central-1.amazonaws.com/users/ada/downloads/x.tar?X-Amz-Signature=s"
GOLDEN = Path(__file__).parent.parent / "golden"
ESTIMATE = Estimate(31.5, 48.0)
RUNNING = replace(
    STARTING, state=State.RUNNING, step=Step.READY, since=CREATED + timedelta(seconds=9), inflight=1, pending=2
)
FILE = File("44444444-4444-4444-8444-444444444444", "로그.txt", "text/plain", 300_000)
WITH_FILE = replace(asked(""), files=(FILE,))
FORM = Form(
    "https://bucket.s3.eu-central-1.amazonaws.com/",
    {"key": upload_key("ada", FILE.id), "Content-Type": "text/plain", "policy": "e30=", "x-amz-signature": "s"},
)
EDITED = replace(asked("Hello again"), replaces=TURN)
OFFER = Offer("K7XM-29QP", "https://t.me/my_bot?start=AAECAwQFBgcICQoLDA0ODw", CREATED + timedelta(minutes=10))
LINKED = Link("ada", "telegram", "4711", "Ada Lovelace", "ada_l", "linked", CREATED)
CHART = Media("55555555-5555-5555-8555-555555555555", "image", "chart.png", "image/png", 48_211)
SHEET = Media("66666666-6666-5666-8666-666666666666", "file", "표.csv", "text/csv", 90)
STEPS = (
    KeptTool(1, "exec", "draws the chart", "done", "chart.png"),
    KeptTool(2, "read", "the file is not there", "failed"),
)
ASKED = Approval(
    "77777777-7777-5777-8777-777777777777",
    "rm -rf build && ls",
    "workspace",
    CREATED + timedelta(minutes=30),
)
FULL = replace(ANSWER, tools=STEPS, media=(CHART, SHEET))
BROKEN = answer(
    QUESTION,
    Finished("I am", "broken", None, failed("model_error.connection_lost", model="anthropic/claude-opus-5")),
    CREATED + timedelta(seconds=1),
    900,
)
LIMITED = answer(QUESTION, Finished("I am", "length", None), CREATED + timedelta(seconds=1), 900)
DECLINED = answer(QUESTION, Finished("", "declined", None), CREATED + timedelta(seconds=1), 900)
KEYED = answer(QUESTION, failed("interrupted.too_long", minutes="60"), CREATED + timedelta(seconds=1), 900)
CANCELLED = answer(QUESTION, Finished("I am", "cancelled", None), CREATED + timedelta(seconds=1), 900)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text())


def read(frame: Frame) -> dict[str, Any] | None:
    try:
        parsed = client_frames.parse(json.dumps(frame))
    except ServiceError:
        return None
    fields: dict[str, Any] = json.loads(json.dumps(asdict(parsed)))
    return {"kind": type(parsed).__name__, **fields}


@pytest.mark.parametrize("case", golden("client_frames.json"), ids=lambda case: case["name"])
def test_a_clients_frame_is_read_as_agreed(case: dict[str, Any]) -> None:
    """A case without `parsed` is a frame that must be refused."""
    assert read(case["frame"]) == case.get("parsed")


def aside(event: Media | Waiting | Approval) -> Frame:
    running = Stream(TALK, TURN)
    running.note(event)
    (frame,) = running.take()
    return frame


def streamed() -> list[Frame]:
    running = Stream(TALK, TURN)
    frames: list[Frame] = []
    for event in (
        Delta("I am"),
        Tool("web_search", "start", "looks up the weather"),
        Tool("web_search", "end", "found 2 pages", detail='{"pages":2}'),
        Tool("read", "error", "the file is not there"),
        Delta("You are right.", replace=True),
    ):
        running.note(event) if isinstance(event, Tool) else running.write(event)
        frames += running.take()
    return frames


def approvals() -> list[Frame]:
    running = Stream(TALK, TURN)
    running.note(ASKED)
    running.note(replace(ASKED, state="denied"))
    return list(running.take())


def status_frames() -> dict[str, Frame]:
    return {
        "status, before the first start": protocol.status(IDLE),
        "status, asleep": protocol.status(replace(IDLE, since=CREATED), ESTIMATE),
        "status, starting": protocol.status(STARTING, ESTIMATE),
        "status, running": protocol.status(RUNNING, ESTIMATE),
        "status, stopping": protocol.status(replace(RUNNING, state=State.STOPPING)),
        "status, with a note": protocol.status(replace(IDLE, since=CREATED, note=NO_CAPACITY)),
        "status, with a note that names": protocol.status(
            replace(RUNNING, note=incomplete("workspace/한\ufffd.db", 3))
        ),
        "status, at work by itself": protocol.status(replace(RUNNING, note=at_work(OwnWork(commands=2, jobs=1)))),
        "status, work cut": protocol.status(replace(IDLE, since=CREATED, note=work_cut(OwnWork(tasks=1)))),
        "status, with words": protocol.status(replace(RUNNING, note="The backup could not be written.")),
    }


def server_frames() -> dict[str, Frame]:
    first, search, found, missing, second = streamed()
    asked_for, decided = approvals()
    return {
        "ack": protocol.ack(TURN, TALK, 1),
        **status_frames(),
        "stream_chunk": first,
        "stream_chunk, void": second,
        "tool, start": search,
        "tool, end": found,
        "tool, error": missing,
        "approval": asked_for,
        "approval, decided": decided,
        "media": aside(CHART),
        "waiting": aside(Waiting(90)),
        "stream_end": stream.end(ANSWER),
        "stream_end, cancelled": stream.end(CANCELLED),
        "stream_end, at the model's limit": stream.end(LIMITED),
        "stream_end, declined": stream.end(DECLINED),
        "stream_end, broken": stream.end(BROKEN),
        "message, the user's": protocol.message(entry_of(MESSAGE)),
        "message, an edit": protocol.message(EDITED),
        "message, with a file": protocol.message(WITH_FILE),
        "message, an answer": protocol.message(ANSWER),
        "message, cancelled": protocol.message(CANCELLED),
        "message, with tools and files": protocol.message(FULL),
        "message, broken": protocol.message(BROKEN),
        "message, a notice": protocol.message(NOTICE),
        "message, a notice with a key": protocol.message(KEYED),
        "error": protocol.error("agent_unavailable", "Try again.", retryable=True),
        "error, of a message": protocol.error("too_large", "The message is too large.", retryable=False, id=TURN),
        "error, too many": protocol.refusal(RateLimited("too many messages", 42), id=TURN),
        "goaway": protocol.goaway("identity", GOAWAY),
        "pong": protocol.pong(),
    }


def test_the_servers_frames_are_as_agreed() -> None:
    built = [{"name": name, "frame": frame} for name, frame in server_frames().items()]
    assert built == golden("server_frames.json")


HITS = (Hit(TALK, "Weather", CREATED), Hit(TALK, "Weather", CREATED, "It is sunny in Seoul…", 2, "agent"))


def rest() -> dict[str, Any]:
    conversations = [TALKS, replace(TALKS, id=OTHER_TURN, title="Plans", pinned=True, archived=True)]
    entries = [QUESTION, ANSWER, EDITED]
    return {
        "POST /tickets": {"ticket": "c2l4dGVlbg", "expiresAt": to_text(CREATED + timedelta(seconds=30))},
        "GET /status": protocol.status(STARTING, ESTIMATE),
        "POST /agent/start": protocol.status(STARTING),
        "POST /agent/stop": protocol.status(replace(RUNNING, state=State.STOPPING, pending=0)),
        "PUT /agent/halt": protocol.status(replace(RUNNING, state=State.STOPPING, note=HALTED)),
        "GET /conversations": protocol.listing(conversations, f"1_2026-01-01T12:00:02.123Z_{TALK}"),
        "GET /conversations/{id}": {"messages": [protocol.entry(each) for each in entries], "before": 1},
        "PATCH /conversations/{id}": protocol.conversation(replace(TALKS, title="Weather")),
        "DELETE /conversations/{id}": {},
        "GET /search": protocol.hits(HITS, f"2026-01-01T12:00:09.000Z_2026-01-01T12:00:02.123Z_{TALK}_2"),
        "GET /media/{id}": Place(f"{MEDIA_URL}?X-Amz-Signature=s", CREATED + timedelta(hours=1)).fields(),
        "GET /settings": protocol.settings(Settings(None, 15, None, "full")),
        "PUT /settings": protocol.settings(
            Settings("anthropic/claude-opus-5", 30, "ko", "guarded", mirror=True, own_work_hours=24)
        ),
        "GET /models": protocol.models(Models(tuple(available({"openai"})), "openai/gpt-5.4")),
        "GET /models, without a key": protocol.models(Models(tuple(available([])), "demo/demo-1")),
        "GET /backups": {"backups": [generations.describe(each) for each in (RESTORED, LACKING)]},
        "POST /backups": {"askedAt": to_text(CREATED)},
        "POST /backups/{id}/restore": generations.describe(RESTORED),
        "GET /backups/{id}, not ready": Download(TAR, 104_868_864, 8_388_608).fields(),
        "GET /backups/{id}": Download(TAR, 104_868_864, 104_868_864, URL, CREATED + timedelta(hours=1)).fields(),
        "POST /links/{channel}": OFFER.fields(),
        "GET /links": {
            "links": [LINKED.fields(), replace(LINKED, username=None, state="asked").fields()],
            "channels": ["telegram"],
        },
        "POST /links/{id}/confirm": LINKED.fields(),
        "DELETE /links/{id}": {},
        "POST /uploads": UploadOffer(FILE, FORM, CREATED + timedelta(minutes=15)).fields(),
        "an error, too many": protocol.rest_refusal(RateLimited("too many connections", 30)),
        "POST /sign-out-everywhere": {},
        "an error, signed out": protocol.rest_refusal(SignedOut()),
        "an error": {"code": "not_found", "message": f"there is no conversation {TALK}"},
    }


def test_the_answers_of_rest_are_as_agreed() -> None:
    assert rest() == golden("rest.json")


def test_the_bridge_believes_the_request_that_was_agreed() -> None:
    case = golden("bridge_request.json")
    request = Request(case["method"], case["path"], case["body"].encode())
    assert sign(KEY, case["epoch"], request, from_text(case["time"]), case["nonce"]) == case["headers"]
    assert verify(case["key"], case["epoch"], request, case["headers"], from_text(case["time"])) == case["nonce"]


def test_every_code_an_error_can_carry_is_frozen() -> None:
    assert sorted(protocol.ERROR_CODES) == golden("error_codes.json")


def test_every_note_is_frozen() -> None:
    assert golden("notes.json") == NOTES


def test_every_type_of_frame_is_frozen() -> None:
    promised = {"ack", "status", "stream_chunk", "tool", "media", "waiting", "stream_end", "message", "error", "pong"}
    promised |= {"approval", "goaway"}
    assert {frame["type"] for frame in server_frames().values()} == promised
