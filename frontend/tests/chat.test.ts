import { createHash } from "node:crypto";
import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import { Chat } from "../src/chat/chat";
import { Conversations } from "../src/chat/conversations";
import { MemoryStore } from "../src/store/memory";
import type { OutboxMessage } from "../src/store/store";
import type { Conversation } from "../src/wire/api";
import type { Entry } from "../src/wire/entry";
import type { Refusal, ServerFrame } from "../src/wire/protocol";
import { FAILED_MS, type SocketPorts } from "../src/wire/socket";
import { Clockwork, settle } from "./clockwork";
import { FakeSocket, fakeApi, listed, locks } from "./fakes";

const AT = "2026-01-01T00:00:00.000Z";
const entry = (id: string, seq: number, rest: Partial<Entry> = {}): Entry => ({
  id,
  conversationId: "c",
  seq,
  role: "user",
  text: id,
  createdAt: AT,
  status: "committed",
  ...rest,
});
const ack = (id: string, seq = 2): ServerFrame => ({ type: "ack", id, conversationId: "c", seq });
const chunk = (turn: string, content: string): ServerFrame => ({
  type: "stream_chunk",
  conversationId: "c",
  turn,
  n: 1,
  content,
});
const end = (turn: string, text: string): ServerFrame => ({
  type: "stream_end",
  id: `${turn}:answer`,
  conversationId: "c",
  turn,
  seq: 3,
  chars: text.length,
  sha256: createHash("sha256").update(text).digest("hex"),
  stopReason: "stop",
  createdAt: AT,
});

/** A cloud that has these entries and conversations, and can be made to fail. */
function fakeCloud(history: Record<string, Entry[]>, list: Conversation[]) {
  const facts = { lists: 0, historyFails: false };
  const api = fakeApi({
    conversations: async () => {
      facts.lists++;
      return { conversations: list, after: null };
    },
    history: async (id) => {
      if (facts.historyFails) throw new Error("offline");
      return { messages: history[id] ?? [], before: null };
    },
  });
  return { api, facts };
}

/** What the chat says to the page around it. */
const hearing = () => ({
  failed: [] as unknown[],
  refused: [] as Refusal[],
  delivered: [] as OutboxMessage[],
});

function portsOf(api: ReturnType<typeof fakeApi>, clock: Clockwork, sockets: FakeSocket[]) {
  const withLock = locks();
  const { after } = clock;
  const now = () => Date.parse(AT);
  const connect: SocketPorts["connect"] = (protocols, listener) => {
    const socket = new FakeSocket(protocols, listener);
    sockets.push(socket);
    return socket;
  };
  const outbox = { store: new MemoryStore(), changed: () => {}, after, now };
  return {
    api,
    conversations: new Conversations(api, { read: () => ({}), write: () => {} }, () => {}),
    outbox: { ...outbox, withLock: (job: () => Promise<void>) => withLock("outbox", job) },
    socket: { connect, ticket: () => api.ticket(), after, random: () => 0.5 },
  };
}

function world(history: Record<string, Entry[]> = {}, list = [listed("c")]) {
  const clock = new Clockwork();
  const sockets: FakeSocket[] = [];
  const { api, facts } = fakeCloud(history, list);
  const heard = hearing();
  const chat = new Chat({
    ...portsOf(api, clock, sockets),
    failed: (error) => heard.failed.push(error),
    refused: (refusal) => heard.refused.push(refusal),
    delivered: (message) => heard.delivered.push(message),
  });
  const socket = () => sockets.at(-1) as FakeSocket;
  const connect = async () => {
    await settle();
    socket().listener.opened();
    await settle();
  };
  const receive = async (frame: ServerFrame) => {
    socket().receive(frame);
    await settle();
  };
  /** Signed in, connected, and looking at conversation `c`. */
  const open = async (fresh = false) => {
    void chat.start();
    chat.show("c", fresh);
    await connect();
  };
  const types = () => socket().frames.map((frame) => frame.type);
  const entries = () => chat.open.current.value?.entries.value.map((one) => [one.id, one.status]);
  return { chat, clock, facts, heard, sockets, socket, connect, receive, open, types, entries };
}

test("a conversation that is opened is loaded, and asked for the rest of its answer", async () => {
  const { open, entries, socket } = world({ c: [entry("q", 2, { status: "pending" })] });
  await open();
  expect(entries()).toEqual([["q", "pending"]]);
  expect(socket().frames).toContainEqual({
    type: "resume",
    conversationId: "c",
    after: 0,
    turn: "q",
    chunk: 0,
  });
});

test("a fresh conversation has nothing to load", async () => {
  const { open, chat, facts } = world();
  facts.historyFails = true;
  await open(true);
  expect(chat.open.current.value?.loading.value).toBe("loaded");
});

test("a conversation that could not be loaded is reported, and loaded when it is shown again", async () => {
  const { chat, facts, open, heard } = world({ c: [entry("q", 2)] });
  facts.historyFails = true;
  await open();
  expect(chat.open.current.value?.loading.value).toBe("failed");
  expect(heard.failed).toHaveLength(1);
  facts.historyFails = false;
  chat.show("c", false);
  await settle();
  expect(chat.open.current.value?.entries.value).toHaveLength(1);
});

test("a message that is acknowledged never blinks: it is an entry before it leaves the outbox", async () => {
  const { chat, open, receive, heard } = world();
  await open(true);
  await chat.outbox.post("q", "c", "hello");
  const places: number[] = [];
  const stop = effect(() => {
    const shown = chat.open.current.value?.entries.value.some((one) => one.id === "q");
    places.push(Number(chat.outbox.find("q") !== undefined) + Number(shown));
  });
  await receive(ack("q"));
  stop();
  expect(Math.min(...places)).toBe(1);
  expect(chat.outbox.messages.value).toEqual([]);
  expect(chat.open.current.value?.running).toBe("q");
  expect(heard.delivered.map((message) => message.text)).toEqual(["hello"]);
});

test("an ack for a message of another tab is no entry here", async () => {
  const { open, receive, entries, heard } = world();
  await open(true);
  await receive(ack("of another tab"));
  expect(entries()).toEqual([]);
  expect(heard.delivered).toEqual([]);
});

test("a refused message says so itself; any other refusal is said to the person", async () => {
  const { chat, open, receive, heard } = world();
  await open(true);
  await chat.outbox.post("q", "c", "hello");
  await receive({ type: "error", code: "rate_limited", message: "wait", retryable: true, id: "q" });
  expect(chat.outbox.find("q")?.refused?.message).toBe("wait");
  expect(heard.refused).toEqual([]);
  await receive({ type: "error", code: "bad_frame", message: "what?", retryable: false });
  await receive({ type: "error", code: "gone", message: "too late", retryable: false, id: "unknown" });
  expect(heard.refused.map((one) => one.message)).toEqual(["what?", "too late"]);
});

test("what the agent does is shown as the cloud says it", async () => {
  const { chat, open, receive } = world();
  await open();
  await receive({ type: "status", status: "running" });
  expect(chat.status.value).toMatchObject({ status: "running" });
});

test("an answer grows, and is committed when it is complete", async () => {
  const { chat, open, receive, entries } = world({ c: [entry("q", 2, { status: "pending" })] });
  await open();
  await receive(chunk("q", "Hi"));
  expect(chat.open.isAnswering).toBe(true);
  await receive(end("q", "Hi"));
  await expect.poll(() => chat.open.isAnswering).toBe(false); // the digest takes real time
  expect(entries()).toEqual([
    ["q", "committed"],
    ["q:answer", "committed"],
  ]);
});

test("Stop cancels the running turn, and says so on each connection until the turn is over", async () => {
  const { chat, open, connect, receive, socket } = world({ c: [entry("q", 2, { status: "pending" })] });
  await open();
  chat.stop();
  expect(socket().frames.at(-1)).toEqual({ type: "cancel", turn: "q" });
  chat.socket.renew();
  await connect();
  expect(socket().frames).toContainEqual({ type: "cancel", turn: "q" });
  await receive({ type: "message", ...entry("q:answer", 3, { role: "agent", turn: "q" }) });
  expect(chat.stopping.value.size).toBe(0);
  chat.socket.renew();
  await connect();
  expect(socket().frames.map((frame) => frame.type)).not.toContain("cancel");
});

test("Stop with nothing running does nothing", async () => {
  const { chat, open, types } = world({ c: [entry("q", 2)] });
  await open();
  chat.stop();
  expect(types()).not.toContain("cancel");
});

test("a new connection asks for the status, catches up, and sends what waits", async () => {
  const { chat, open, connect, socket, types } = world({ c: [entry("q", 2, { status: "pending" })] });
  await open();
  socket().listener.closed();
  expect(chat.connection.value).toBe("waiting");
  await chat.outbox.post("m", "c", "written in between");
  chat.socket.nudge();
  await connect();
  expect(chat.connection.value).toBe("open");
  expect(types()).toEqual(["status", "resume", "send"]);
});

test("a catch-up that fails makes another connection soon, which asks again", async () => {
  const { chat, clock, facts, open, connect, sockets } = world({ c: [entry("q", 2)] });
  await open();
  facts.historyFails = true;
  chat.socket.renew();
  await connect();
  await clock.pass(FAILED_MS);
  expect(sockets).toHaveLength(3);
});

test("what arrives in the conversation that is shown is read, elsewhere it is unread", async () => {
  const list = [listed("c"), listed("d")];
  const { chat, open, receive } = world({}, list);
  await open();
  await receive({ type: "message", ...entry("x", 7) });
  await receive({ type: "message", ...entry("y", 9, { conversationId: "d" }) });
  const unread = chat.conversations.sorted.value.filter((one) => chat.conversations.isUnread(one));
  expect(unread.map((one) => [one.id, one.lastSeq])).toEqual([["d", 9]]);
});

test("a conversation without a title has the list read again", async () => {
  const { open, receive, facts } = world({}, [listed("c", { title: "" })]);
  await open();
  const before = facts.lists;
  await receive({ type: "message", ...entry("q", 2) });
  expect(facts.lists).toBe(before + 1);
});

test("a tool frame that names no conversation belongs to the one in which its turn was asked", async () => {
  const { chat, open, receive } = world({ c: [entry("q", 2, { status: "pending" })] });
  await open();
  chat.show("d", true);
  await receive({ type: "tool", turn: "q", n: 1, name: "read", phase: "start", summary: "x" });
  expect(chat.open.find("c")?.answers.value.get("q")?.tools).toHaveLength(1);
});

test("a frame that cannot be read is reported", async () => {
  const { open, socket, heard } = world();
  await open();
  socket().listener.received('{"type":"ack"}');
  expect(heard.failed).toHaveLength(1);
});
