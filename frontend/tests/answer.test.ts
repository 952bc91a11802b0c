import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { addChunk, addMedia, addTool, addWaiting, begin, matches } from "../src/chat/answer";
import type { Chunk, StreamEnd, Tool } from "../src/wire/protocol";

const chunk = (n: number, content: string, rest: Partial<Chunk> = {}): Chunk => ({
  type: "stream_chunk",
  conversationId: "c",
  turn: "t",
  n,
  content,
  ...rest,
});
const after = (...chunks: Chunk[]) => chunks.reduce(addChunk, begin("c", "t"));

test("chunks in order make the text", () => {
  expect(after(chunk(1, "a"), chunk(2, "b"))).toMatchObject({ text: "ab", held: 2 });
});

test("a chunk that came twice counts once", () => {
  expect(after(chunk(1, "a"), chunk(2, "b"), chunk(1, "a"), chunk(2, "b")).text).toBe("ab");
});

test("a missing chunk is a gap, and nothing is shown out of order until the catch-up", () => {
  const gap = after(chunk(1, "a"), chunk(3, "c"), chunk(4, "d"));
  expect(gap).toMatchObject({ text: "a", held: 1, gap: true });
  expect(addChunk(gap, chunk(4, "abcd", { replace: true }))).toMatchObject({
    text: "abcd",
    held: 4,
    gap: false,
  });
});

test("a coalesced chunk joins where its first number does", () => {
  expect(after(chunk(1, "a"), chunk(4, "bcd", { from: 2 }))).toMatchObject({ text: "abcd", held: 4 });
});

test("a long catch-up comes in pieces", () => {
  const text = after(chunk(5, "abc", { replace: true }), chunk(9, "def", { from: 6 }), chunk(10, "g")).text;
  expect(text).toBe("abcdefg");
});

test("replace takes back the text so far", () => {
  expect(after(chunk(1, "wrong"), chunk(2, "", { replace: true }), chunk(3, "right")).text).toBe("right");
});

test("a model that thinks for long is told of until something comes", () => {
  const place = { conversationId: "c", turn: "t" };
  const silent = addWaiting(after(chunk(1, "a")), { type: "waiting", ...place, seconds: 60 });
  expect(silent).toMatchObject({ text: "a", silent: 60 });
  const file = { id: "m", kind: "file" as const, name: "a", mimeType: "text/csv", bytes: 1 };
  expect(addChunk(silent, chunk(2, "b")).silent).toBe(0);
  expect(addChunk(silent, chunk(2, "b", { replace: true })).silent).toBe(0);
  expect(addMedia(silent, { type: "media", ...place, n: 1, ...file }).silent).toBe(0);
  const tool = { type: "tool" as const, turn: "t", n: 1, name: "exec", phase: "start" as const, summary: "" };
  expect(addTool(silent, tool).silent).toBe(0);
  expect(addChunk(silent, chunk(1, "a")).silent).toBe(60);
});

test("tool steps open and close once each", () => {
  const tool = (n: number, name: string, phase: Tool["phase"]): Tool => ({
    type: "tool",
    turn: "t",
    n,
    name,
    phase,
    summary: `${name} ${n}`,
  });
  const frames = [
    tool(1, "exec", "start"),
    tool(2, "read", "start"),
    tool(3, "exec", "error"),
    tool(2, "read", "start"),
  ];
  const { tools } = frames.reduce(addTool, begin("c", "t"));
  expect(tools.map((step) => [step.name, step.state])).toEqual([
    ["exec", "failed"],
    ["read", "running"],
  ]);
});

test("an end fits a text when characters and hash do, counted in code points", async () => {
  const text = "안녕 👋🏽";
  const sha256 = createHash("sha256").update(text).digest("hex");
  const end = { chars: [...text].length, sha256 } as StreamEnd;
  expect(await matches(text, end)).toBe(true);
  expect(await matches("안녕 👋", end)).toBe(false);
  expect(await matches(`${text.slice(0, -1)}x`, end)).toBe(false);
});
