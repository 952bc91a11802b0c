"""What the pages show is what is committed, byte for byte; and no page hears what is not its owner's."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any

from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

NAMES = ("ada", "bob", "cleo")
SECRET = "5ec4e7" * 4  # how every key and ticket of a history begins, and no id can


class StreamEnd(Invariant):
    name = "the final frame vouches for the committed text"

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, dict[str, Any]] = {}

    def on_entry(self, event: Event) -> None:
        row = event.facts["row"]
        self._entries[row["messageId"]] = {**row, "seq": event.facts["seq"]}

    def on_push(self, event: Event) -> None:
        frame = event.facts["frame"]
        if frame.get("type") != "stream_end":
            return None
        row = self._entries.get(frame["id"])
        if row is None:
            return self.demand(False, event, f"stream_end of {frame['id']} before its commit")
        text = row["text"]
        said = (frame["seq"], frame["chars"], frame["sha256"])
        kept = (row["seq"], len(text), hashlib.sha256(text.encode()).hexdigest())
        return self.demand(said == kept, event, f"stream_end of {frame['id']} says {said}, committed is {kept}")


class Delivered(Invariant):
    name = "an answer off the outbox has reached each page that was open, or that page was cut off"

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[str, str] = {}  # sockets and their users
        self._expected: dict[tuple[str, int], set[str]] = {}
        self._got: dict[tuple[str, int], set[str]] = defaultdict(set)

    def on_socket_open(self, event: Event) -> None:
        self._open[event.facts["socket"]] = event.facts["user"]

    def on_socket_gone(self, event: Event) -> None:
        self._open.pop(event.facts["socket"], None)

    def on_cut(self, event: Event) -> None:
        """Tried at least: without its row the page finds out at its next ping."""
        self._open.pop(event.facts["socket"], None)

    def on_identity_over(self, event: Event) -> None:
        """It is told nothing more; the next sweep closes it, and its page comes back and asks."""
        self._open.pop(event.facts["socket"], None)

    def on_entry(self, event: Event) -> None:
        user = event.facts["user"]
        if event.facts["row"].get("turn"):
            self._expected[user, event.facts["seq"]] = {each for each, owner in self._open.items() if owner == user}

    def on_push(self, event: Event) -> None:
        frame = event.facts["frame"]
        if frame.get("turn") and frame["type"] in ("message", "stream_end"):
            self._got[event.facts["user"], frame["seq"]].add(event.facts["socket"])

    def on_outbox(self, event: Event) -> None:
        place = (event.facts["user"], event.facts["seq"])
        if not event.facts["there"]:
            missed = (self._expected.pop(place, set()) & self._open.keys()) - self._got.pop(place, set())
            self.demand(not missed, event, f"answer {place[1]} never reached {sorted(missed)}")


class Rendered(Invariant):
    name = "pages show exactly what is committed"
    when = "after coming back"

    def __init__(self) -> None:
        super().__init__()
        self._talks: dict[tuple[str, str], dict[int, tuple[str, str]]] = defaultdict(dict)

    def on_entry(self, event: Event) -> None:
        facts, row = event.facts, event.facts["row"]
        self._talks[facts["user"], facts["talk"]][facts["seq"]] = (row["messageId"], row["text"])

    def on_shown(self, event: Event) -> None:
        if event.facts["when"] != self.when or not event.facts["open"]:
            return
        for talk, entries in event.facts["talks"].items():
            kept = [each for _, each in sorted(self._talks[event.facts["user"], talk].items())]
            seen = [(entry["id"], entry["text"]) for entry in entries]
            self.demand(seen == kept, event, f"{event.facts['page']} {_difference(seen, kept)}")


class RenderedAtOnce(Rendered):
    name = "open pages have it all without coming back"
    when = "as it is"


class StatusShown(Invariant):
    name = "open pages show the agent's state"

    def on_shown(self, event: Event) -> None:
        if event.facts["open"]:
            status = event.facts["status"]
            self.demand(status == "idle", event, f"{event.facts['page']} {event.facts['when']} shows {status}")


class Outlived(Invariant):
    name = "a socket that outlives its identity hears nothing more"
    slack = 15.0  # seconds: two clocks, and a frame on its way

    def __init__(self) -> None:
        super().__init__()
        self._over: dict[str, float] = {}

    def on_identity_over(self, event: Event) -> None:
        self._over[event.facts["socket"]] = event.at

    def on_push(self, event: Event) -> None:
        since = event.at - self._over.get(event.facts["socket"], event.at)
        heard = f"{event.facts['socket']} got {event.facts['frame'].get('type')} {since:.1f} s after its end"
        ours = "type" in event.facts["frame"]  # API Gateway's words for a function that died are its own
        self.demand(since <= self.slack or not ours, event, heard)


class OwnEyes(Invariant):
    name = "nobody sees another user's words"

    def on_push(self, event: Event) -> None:
        user, words = event.facts["user"], json.dumps(event.facts["frame"])
        for other in NAMES:
            self.demand(other == user or f"{other} says" not in words, event, f"{user} got words of {other}")

    def on_entry(self, event: Event) -> None:
        user, words = event.facts["user"], event.facts["row"]["text"]
        for other in NAMES:
            self.demand(other == user or f"{other} says" not in words, event, f"{other}'s words are kept as {user}'s")


class Secrets(Invariant):
    name = "no secret and no HTTP to an address the task does not own"

    def on_push(self, event: Event) -> None:
        self.demand(SECRET not in json.dumps(event.facts["frame"]), event, f"a secret went to {event.facts['socket']}")

    def on_http(self, event: Event) -> None:
        facts = event.facts
        mine = (facts["user"], facts["epoch"]) == (facts["to"], facts["to_epoch"])
        self.demand(mine, event, f"{facts['user']}'s doorbell rang at {facts['to']}'s")


class Admitted(Invariant):
    name = "nobody comes in without a ticket of their own"

    def on_connected(self, event: Event) -> None:
        self.demand(event.facts["user"] in NAMES, event, f"{event.facts['socket']} came in as {event.facts['user']}")


def _difference(seen: list[tuple[str, str]], kept: list[tuple[str, str]]) -> str:
    missing, extra = [each for each in kept if each not in seen], [each for each in seen if each not in kept]
    if not missing and not extra:
        return "shows it in another order"
    return f"lacks {[(name, text[:30]) for name, text in missing]}, has besides {[(n, t[:30]) for n, t in extra]}"
