import { expect, test } from "vitest";
import { readEntry } from "../src/wire/entry";
import { readFrame } from "../src/wire/protocol";

const ENTRY = {
  ...{ id: "a", conversationId: "c", seq: 3, role: "agent", text: "Hi", status: "committed", turn: "q" },
  createdAt: "2026-01-01T00:00:00.000Z",
};
const FILE = { id: "f", kind: "image", name: "cat.png", mimeType: "image/png", bytes: 10 };

test("an entry carries how it ended, its files, its tools, and why there is none", () => {
  const fields = {
    stopReason: "broken",
    errorKey: "model_error.overloaded",
    errorParams: { model: "acme/one" },
    media: [FILE],
    tools: [{ n: 1, name: "read", summary: "a file", detail: "x", state: "failed" }],
  };
  expect(readEntry({ ...ENTRY, ...fields })).toMatchObject(fields);
});

test("what is of tomorrow is read as well as it can be", () => {
  const read = readEntry({ ...ENTRY, stopReason: "tired", media: [{ ...FILE, kind: "hologram" }] });
  expect(read.stopReason).toBe("stop");
  expect(read.media?.[0]?.kind).toBe("file");
});

test.each(["length", "declined", "broken"])("an answer may end with %s", (stopReason) => {
  const end = { type: "stream_end", id: "a", conversationId: "c", turn: "q", seq: 3, chars: 0, sha256: "" };
  const frame = readFrame(JSON.stringify({ ...end, stopReason, createdAt: ENTRY.createdAt }));
  expect(frame).toMatchObject({ type: "stream_end", stopReason });
});

test("a file may come while the answer is written", () => {
  const frame = { type: "media", conversationId: "c", turn: "q", n: 1, ...FILE };
  expect(readFrame(JSON.stringify(frame))).toEqual(frame);
});
