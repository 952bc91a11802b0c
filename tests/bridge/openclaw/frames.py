"""Frames and transcripts of a real OpenClaw 2026.9.6, recorded: what it says is not ours to invent."""

from __future__ import annotations

import json
from pathlib import Path

from container.bridge.openclaw.protocol import Event, Json, read_frame

FOLDER = Path(__file__).parent / "frames"


def read_events(name: str) -> list[Event]:
    return [read_frame(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]


def read_history(name: str) -> Json:
    history: Json = json.loads((FOLDER / f"{name}.history.json").read_text())
    return history
