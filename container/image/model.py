"""A model for as long as an image is built: uses one tool, then says some words, in Anthropic's format."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = "Some words, so that what shows them is compiled too. "
TOOL = {"type": "tool_use", "id": "toolu_1", "name": "exec", "input": {}}
COMMAND = json.dumps({"command": "echo found"})
Event = dict[str, Any]


class ScriptedModel(ThreadingHTTPServer):
    daemon_threads = True
    tool_is_due = True

    def answer(self, tools: bool) -> list[Event]:
        use, self.tool_is_due = tools and self.tool_is_due, self.tool_is_due and not tools
        block = TOOL if use else {"type": "text", "text": ""}
        parts = (
            [{"type": "input_json_delta", "partial_json": COMMAND}] if use else [_word(word) for word in WORDS.split()]
        )
        deltas = [{"type": "content_block_delta", "index": 0, "delta": part} for part in parts]
        ending = {"stop_reason": "tool_use" if use else "end_turn", "stop_sequence": None}
        return [
            {"type": "message_start", "message": {**_message([]), "stop_reason": None}},
            {"type": "content_block_start", "index": 0, "content_block": block},
            *deltas,
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": ending, "usage": {"output_tokens": len(parts)}},
            {"type": "message_stop"},
        ]


class ScriptedHandler(BaseHTTPRequestHandler):
    server: ScriptedModel

    def log_message(self, format: str, *args: Any) -> None:
        """What is asked here interests nobody."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        if asked.get("stream"):
            events = self.server.answer(bool(asked.get("tools")))
            text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
            self._say("text/event-stream", text)
        else:
            self._say("application/json", json.dumps(_message([{"type": "text", "text": WORDS}])))

    def _say(self, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def model() -> Iterator[str]:
    """Its address."""
    with ScriptedModel(("127.0.0.1", 0), ScriptedHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _word(word: str) -> Event:
    return {"type": "text_delta", "text": f"{word} "}


def _message(content: list[Event]) -> Event:
    return {
        **{"id": "msg_1", "type": "message", "role": "assistant", "model": "demo-1", "content": content},
        **{"stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}},
    }
