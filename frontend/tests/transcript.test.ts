import { expect, test } from "vitest";
import { addChunk, begin } from "../src/chat/answer";
import { items, lastAnswer, merge, runningTurn } from "../src/chat/transcript";
import type { Entry } from "../src/wire/entry";

const entry = (id: string, seq: number, rest: Partial<Entry> = {}): Entry => ({
  id,
  conversationId: "c",
  seq,
  role: "user",
  text: id,
  createdAt: "2026-01-01T00:00:00.000Z",
  status: "committed",
  ...rest,
});
const asked = (id: string, seq: number) => entry(id, seq, { status: "pending" });
const answered = (turn: string, seq: number) => entry(`${turn}:answer`, seq, { role: "agent", turn });
const nothing = { entries: [], answers: new Map(), ended: new Map(), outgoing: [] };
const outgoing = (id: string) => ({ id, conversationId: "c", text: id, writtenAt: 1 });

test("entries are shown once and in order, however they come", () => {
  const merged = merge([answered("a", 3), asked("b", 4)], [entry("a", 2), answered("a", 3)]);
  expect(merged.map((one) => one.id)).toEqual(["a", "a:answer", "b"]);
});

test("an answer settles its question, and a late replay does not unsettle it", () => {
  const settled = merge([asked("a", 2)], [answered("a", 3)]);
  expect(settled[0]?.status).toBe("committed");
  expect(merge(settled, [asked("a", 2)])[0]?.status).toBe("committed");
});

test("a message grows by the parts that are joined to it, in whatever order the news of them comes", () => {
  const file = (id: string) => ({ id, name: `${id}.jpg`, mimeType: "image/jpeg", bytes: 1 });
  const first = { ...asked("a", 2), text: "one", attachments: [file("f1")] };
  const second = { ...first, text: "on", attachments: [file("f1"), file("f2")] };
  expect(merge([first], [second])[0]).toBe(second);
  expect(merge([second], [first])[0]).toBe(second);
  const third = { ...first, text: "one\n\ntwo" };
  expect(merge([third], [first])[0]).toBe(third);
  expect(merge([third], [{ ...first, status: "committed" as const }])[0]?.text).toBe("one");
});

test("resume asks after the last answer, not after the last question", () => {
  expect(lastAnswer([entry("a", 2), answered("a", 3), asked("b", 4)])).toBe(3);
  expect(lastAnswer([asked("a", 2)])).toBe(0);
});

test("the oldest open question is the one that runs; those behind it are next in line", () => {
  const entries = [asked("a", 2), asked("b", 4)];
  expect(runningTurn(entries)?.id).toBe("a");
  expect(items({ ...nothing, entries }).map((item) => [item.kind, item.key])).toEqual([
    ["user", "a"],
    ["waiting", "a:waiting"],
    ["user", "b"],
  ]);
});

test("an answer keeps its key from its first word to its last", () => {
  const answer = addChunk(begin("c", "a"), {
    type: "stream_chunk",
    conversationId: "c",
    turn: "a",
    n: 1,
    content: "Hi",
  });
  const running = items({ ...nothing, entries: [asked("a", 2)], answers: new Map([["a", answer]]) });
  const done = items({ ...nothing, entries: merge([asked("a", 2)], [answered("a", 3)]) });
  expect(running.map((item) => item.key)).toEqual(["a", "a:answer"]);
  expect(done.map((item) => item.key)).toEqual(["a", "a:answer"]);
});

test("a message of the outbox that has become an entry is not shown twice", () => {
  const shown = items({ ...nothing, entries: [entry("a", 2)], outgoing: [outgoing("a"), outgoing("b")] });
  expect(shown.map((item) => [item.kind, item.key])).toEqual([
    ["user", "a"],
    ["outgoing", "b"],
  ]);
});

test("a refused message stays where it was written; one on its way is last", () => {
  const refused = {
    ...outgoing("r"),
    writtenAt: Date.parse("2026-01-01T00:00:01Z"),
    refused: { code: "x", message: "x", retryable: true },
  };
  const entries = [entry("a", 2), entry("b", 4, { createdAt: "2026-01-01T00:00:02.000Z" })];
  const shown = items({ ...nothing, entries, outgoing: [refused, outgoing("new")] });
  expect(shown.map((item) => item.key)).toEqual(["a", "r", "b", "new"]);
});

test("a failed turn is a notice, never dressed up as an answer", () => {
  const failed = entry("a:answer", 3, { role: "notice", turn: "a", status: "failed" });
  const shown = items({ ...nothing, entries: merge([asked("a", 2)], [failed]) });
  expect(shown.map((item) => item.kind)).toEqual(["user", "notice"]);
});

test("tools that are kept with an answer are shown, on whatever device", () => {
  const tools = [{ n: 1, name: "read", summary: "a file", state: "done" as const }];
  const shown = items({ ...nothing, entries: merge([asked("a", 2)], [{ ...answered("a", 3), tools }]) });
  expect(shown[1]).toMatchObject({ kind: "agent", tools });
});

test("tools and files that are kept with a notice stand above it", () => {
  const tools = [{ n: 1, name: "read", summary: "a file", state: "done" as const }];
  const notice = entry("n", 3, { role: "notice", turn: "a", status: "failed", tools });
  const shown = items({ ...nothing, entries: merge([asked("a", 2)], [notice]) });
  expect(shown.map((item) => item.kind)).toEqual(["user", "agent", "notice"]);
  expect(shown[1]).toMatchObject({ tools, entry: { text: "", stopReason: "stop" } });
});

test("what the agent asks is part of its answer, before any word of it and after its end", () => {
  const approvals = [{ id: "x", command: "ls", state: "denied" as const }];
  const asking = new Map([["a", { ...begin("c", "a"), approvals }]]);
  const running = items({ ...nothing, entries: [asked("a", 2)], answers: asking });
  expect(running[1]).toMatchObject({ kind: "agent", approvals });
  const done = items({ ...nothing, entries: merge([asked("a", 2)], [answered("a", 3)]), ended: asking });
  expect(done[1]).toMatchObject({ kind: "agent", approvals });
  const notice = entry("n", 3, { role: "notice", turn: "a", status: "failed" });
  const failed = items({ ...nothing, entries: merge([asked("a", 2)], [notice]), ended: asking });
  expect(failed.map((item) => item.kind)).toEqual(["user", "agent", "notice"]);
  expect(failed[1]).toMatchObject({ approvals });
});

test("a turn of which nothing but its silence is known waits, and says for how long", () => {
  const silent = { ...begin("c", "a"), silent: 90 };
  const shown = items({ ...nothing, entries: [asked("a", 2)], answers: new Map([["a", silent]]) });
  expect(shown[1]).toMatchObject({ kind: "waiting", silent: 90 });
  expect(items({ ...nothing, answers: new Map([["a", silent]]) })).toEqual([]);
});

test("what was there of an answer that failed stays above the notice", () => {
  const answer = { ...begin("c", "a"), text: "Half of" };
  const notice = entry("n", 3, { role: "notice", turn: "a", status: "failed" });
  const shown = items({
    ...nothing,
    entries: merge([asked("a", 2)], [notice]),
    ended: new Map([["a", answer]]),
  });
  expect(shown.map((item) => item.kind)).toEqual(["user", "agent", "notice"]);
  expect(shown[1]).toMatchObject({ entry: { text: "Half of", stopReason: "broken" } });
});
