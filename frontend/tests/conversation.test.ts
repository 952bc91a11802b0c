import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { OpenConversation } from "../src/chat/conversation";
import { ApiError, type HistoryPage } from "../src/wire/api";
import type { Entry } from "../src/wire/entry";
import type { Chunk, ClientFrame, StreamEnd } from "../src/wire/protocol";

const QUESTION: Entry = {
  id: "q",
  conversationId: "c",
  seq: 2,
  role: "user",
  text: "hi",
  createdAt: "2026-01-01T00:00:00.000Z",
  status: "pending",
};

function world(page: HistoryPage | ApiError = { messages: [QUESTION], before: null }) {
  const sent: ClientFrame[] = [];
  const conversation = new OpenConversation("c", {
    send: (frame) => sent.push(frame) > 0,
    history: async () => {
      if (page instanceof ApiError) throw page;
      return page;
    },
  });
  return { conversation, sent };
}

const chunk = (n: number, content: string, replace?: boolean): Chunk => ({
  type: "stream_chunk",
  conversationId: "c",
  turn: "q",
  n,
  content,
  replace,
});

const end = (text: string): StreamEnd => ({
  type: "stream_end",
  id: "q:answer",
  conversationId: "c",
  turn: "q",
  seq: 3,
  chars: [...text].length,
  sha256: createHash("sha256").update(text).digest("hex"),
  stopReason: "stop",
  createdAt: "2026-01-01T00:00:01.000Z",
});

test("a reload asks for the rest of the running answer", async () => {
  const { conversation, sent } = world();
  await conversation.load();
  expect(sent).toEqual([{ type: "resume", conversationId: "c", after: 0, turn: "q", chunk: 0 }]);
});

test("after a reconnection it tells which piece it holds", async () => {
  const { conversation, sent } = world();
  await conversation.load();
  conversation.chunk(chunk(1, "He"));
  conversation.chunk(chunk(2, "llo"));
  conversation.resume();
  expect(sent.at(-1)).toMatchObject({ turn: "q", chunk: 2 });
});

test("a gap is asked for once", async () => {
  const { conversation, sent } = world();
  await conversation.load();
  conversation.chunk(chunk(1, "a"));
  conversation.chunk(chunk(3, "c"));
  conversation.chunk(chunk(4, "d"));
  expect(sent).toHaveLength(2);
  conversation.chunk(chunk(4, "abcd", true));
  await conversation.end(end("abcd"));
  expect(conversation.entries.value.at(-1)).toMatchObject({
    id: "q:answer",
    text: "abcd",
    status: "committed",
  });
  expect(conversation.answers.value.size).toBe(0);
});

test("a text that is not the committed one is never shown as complete", async () => {
  const { conversation, sent } = world();
  await conversation.load();
  conversation.chunk(chunk(1, "Hallo"));
  await conversation.end(end("Hello"));
  expect(conversation.entries.value).toHaveLength(1);
  expect(sent.at(-1)).toMatchObject({ type: "resume", after: 0 });
  conversation.add([
    { ...QUESTION, id: "q:answer", role: "agent", text: "Hello", seq: 3, status: "committed", turn: "q" },
  ]);
  expect(conversation.entries.value.map((entry) => entry.text)).toEqual(["hi", "Hello"]);
});

test("chunks that come after the answer was committed change nothing", async () => {
  const { conversation } = world();
  await conversation.load();
  conversation.chunk(chunk(1, "Hello"));
  await conversation.end(end("Hello"));
  conversation.chunk(chunk(1, "Hello"));
  expect(conversation.answers.value.size).toBe(0);
});

test.each([
  ["not_found", 404],
  ["invalid_message", 400],
])(
  "a conversation that the cloud does not know (%s) is missing, and nothing more is asked of it",
  async (code, status) => {
    const { conversation, sent } = world(new ApiError(code, "no such conversation", status));
    await conversation.load();
    expect(conversation.loading.value).toBe("missing");
    await conversation.catchUp();
    expect(sent).toEqual([]);
    conversation.add([QUESTION]);
    expect(conversation.loading.value).toBe("loaded");
  },
);

test("a conversation that cannot be read says so", async () => {
  const { conversation } = world(new ApiError("offline", "no network", 0));
  await expect(conversation.load()).rejects.toThrow("no network");
  expect(conversation.loading.value).toBe("failed");
});

test("an answer that was missed below a later one is found when the line is back", async () => {
  const page: HistoryPage = { messages: [], before: null };
  const { conversation } = world(page);
  await conversation.load();
  const answer = (seq: number): Entry => ({
    ...QUESTION,
    id: `a${seq}`,
    seq,
    role: "agent",
    turn: `q${seq}`,
    status: "committed",
  });
  conversation.add([answer(8)]);
  page.messages = [answer(4), answer(8)];
  await conversation.catchUp();
  expect(conversation.entries.value.map((entry) => entry.seq)).toEqual([4, 8]);
});

test("a conversation that nobody has written to has nothing to catch up with", async () => {
  const { conversation, sent } = world(new ApiError("not_found", "no such conversation", 404));
  conversation.begin();
  await conversation.catchUp();
  expect(sent).toEqual([]);
});

test("files come with an answer, each once, and stay with it", async () => {
  const { conversation } = world();
  await conversation.load();
  const file = { id: "f", kind: "image", name: "cat.png", mimeType: "image/png", bytes: 10 } as const;
  const frame = { ...file, type: "media", conversationId: "c", turn: "q", n: 1 } as const;
  conversation.media(frame);
  conversation.media(frame);
  expect(conversation.answers.value.get("q")?.media).toEqual([file]);
  conversation.chunk(chunk(1, "Hello"));
  await conversation.end(end("Hello"));
  expect(conversation.entries.value.at(-1)?.media).toEqual([file]);
});

test.each(["length", "declined", "broken"] as const)(
  "an answer keeps its text when it ends with %s",
  async (stopReason) => {
    const { conversation } = world();
    await conversation.load();
    conversation.chunk(chunk(1, "Hello"));
    await conversation.end({ ...end("Hello"), stopReason });
    expect(conversation.entries.value.at(-1)).toMatchObject({
      text: "Hello",
      stopReason,
      status: "committed",
    });
  },
);

test("what was there when a turn failed is not thrown away", async () => {
  const { conversation } = world();
  await conversation.load();
  conversation.chunk(chunk(1, "Half"));
  conversation.add([{ ...QUESTION, id: "n", seq: 9, role: "notice", turn: "q", status: "failed" }]);
  expect(conversation.ended.value.get("q")?.text).toBe("Half");
});

test("why an answer broke off is known at once, and not only after a reload", async () => {
  const { conversation } = world();
  await conversation.load();
  conversation.chunk(chunk(1, "Half"));
  const why = { errorKey: "model_error.connection_lost", errorParams: { model: "a/b" }, retryable: true };
  await conversation.end({ ...end("Half"), stopReason: "broken", errorCode: "model_error", ...why });
  expect(conversation.entries.value.at(-1)).toMatchObject({ text: "Half", stopReason: "broken", ...why });
});

test("that a model thinks for long is forgotten with its answer", async () => {
  const { conversation } = world();
  await conversation.load();
  const frame = { type: "waiting", conversationId: "c", turn: "q", seconds: 60 } as const;
  conversation.waiting(frame);
  expect(conversation.answers.value.get("q")?.silent).toBe(60);
  conversation.chunk(chunk(1, "Hello"));
  await conversation.end(end("Hello"));
  conversation.waiting(frame);
  expect(conversation.answers.value.size).toBe(0);
});
