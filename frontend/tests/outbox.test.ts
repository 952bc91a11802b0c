import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { ACK_MS, Outbox } from "../src/chat/outbox";
import { IndexedDbStore } from "../src/store/indexedDb";
import { type PageStore, StoreError } from "../src/store/store";
import type { ClientFrame } from "../src/wire/protocol";
import { Clockwork } from "./clockwork";
import { locks, RefusingStore } from "./fakes";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const moment = () => new Promise((resolve) => setTimeout(resolve, 0));

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !condition(); round++) await moment();
  expect(condition()).toBe(true);
}

/** The lock of the outbox, over all tabs. */
function lock() {
  const withLock = locks();
  return (job: () => Promise<void>) => withLock("outbox", job);
}

async function tab(store: PageStore, withLock = lock()) {
  const clock = new Clockwork();
  const sent: string[] = [];
  const facts = { open: true, timedOut: 0, failed: [] as unknown[] };
  const outbox: Outbox = new Outbox({
    store,
    send: (frame: ClientFrame) => {
      if (facts.open && frame.type === "send") sent.push(frame.id);
      return facts.open;
    },
    ackTimedOut: () => facts.timedOut++,
    withLock,
    changed: () => {},
    failed: (error) => facts.failed.push(error),
    after: clock.after,
    now: () => 1000,
  });
  await outbox.refresh();
  const ack = (id: string) => outbox.acked({ type: "ack", id, conversationId: "c", seq: 2 });
  const ids = () => outbox.messages.value.map((message) => message.id);
  return { clock, sent, facts, outbox, ack, ids };
}

test("a message leaves the outbox with its ack and not before", async () => {
  const { outbox, sent, ack, ids } = await tab(await IndexedDbStore.open("u"));
  void outbox.post("a", "c", "hello");
  await until(() => sent.length === 1);
  expect(ids()).toEqual(["a"]);
  await ack("a");
  expect(ids()).toEqual([]);
  expect(await (await IndexedDbStore.open("u")).all()).toEqual([]);
});

test("messages leave in the order they were written, each after the ack of the one before", async () => {
  const { outbox, sent, ack } = await tab(await IndexedDbStore.open("u"));
  for (const id of ["a", "b", "c"]) void outbox.post(id, "c", id);
  await until(() => sent.length === 1);
  await ack("a");
  await until(() => sent.length === 2);
  await ack("b");
  await until(() => sent.length === 3);
  expect(sent).toEqual(["a", "b", "c"]);
});

test("a slow store does not change the order, and nothing leaves before it is stored", async () => {
  const store = await IndexedDbStore.open("u");
  const put = store.put.bind(store);
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  store.put = async (message) => {
    if (message.id === "b") await gate;
    await put(message);
  };
  const { outbox, sent, ack } = await tab(store);
  for (const id of ["a", "b", "c"]) void outbox.post(id, "c", id);
  await until(() => sent.length === 1);
  await ack("a");
  for (let round = 0; round < 20; round++) await moment();
  expect(sent).toEqual(["a"]);
  open();
  await until(() => sent.length === 2);
  await ack("b");
  await until(() => sent.length === 3);
  expect(sent).toEqual(["a", "b", "c"]);
});

test("a full store is reported, and the message leaves all the same", async () => {
  const store = await IndexedDbStore.open("u");
  store.put = async () => {
    throw new StoreError("quota");
  };
  const { outbox, sent, ack, ids } = await tab(store);
  const posted = outbox.post("a", "c", "hello").catch((error: Error) => error.message);
  await until(() => sent.length === 1);
  await ack("a");
  expect(await posted).toBe("quota");
  expect(ids()).toEqual([]);
});

test("what was not acked when the connection broke goes out again with the same id", async () => {
  const { outbox, sent, facts } = await tab(await IndexedDbStore.open("u"));
  void outbox.post("a", "c", "hello");
  await until(() => sent.length === 1);
  facts.open = false;
  outbox.closed();
  await moment();
  facts.open = true;
  void outbox.flush();
  await until(() => sent.length === 2);
  expect(sent).toEqual(["a", "a"]);
});

test("a message written offline survives a reload", async () => {
  const before = await tab(await IndexedDbStore.open("u"));
  before.facts.open = false;
  await before.outbox.post("a", "c", "hello");
  const after = await tab(await IndexedDbStore.open("u"));
  void after.outbox.flush();
  await until(() => after.sent.length === 1);
  expect(after.sent).toEqual(["a"]);
});

test("two tabs do not send the same message at the same time", async () => {
  const withLock = lock();
  const store = await IndexedDbStore.open("u");
  const one = await tab(store, withLock);
  const two = await tab(store, withLock);
  void one.outbox.post("a", "c", "hello");
  await until(() => one.sent.length === 1);
  await two.outbox.refresh();
  void two.outbox.flush();
  await moment();
  expect(two.sent).toEqual([]);
  await one.ack("a");
  await moment();
  expect(two.sent).toEqual([]);
});

test("a refused message waits for the person, and does not hold up the next", async () => {
  const { outbox, sent, ack, ids } = await tab(await IndexedDbStore.open("u"));
  void outbox.post("a", "c", "bad");
  void outbox.post("b", "c", "good");
  await until(() => sent.length === 1);
  await outbox.refused({ type: "error", code: "rate_limited", message: "wait", retryable: true, id: "a" });
  await until(() => sent.length === 2);
  await ack("b");
  expect(outbox.messages.value[0]?.refused?.message).toBe("wait");
  void outbox.retry("a");
  await until(() => sent.length === 3);
  expect(sent).toEqual(["a", "b", "a"]);
  await ack("a");
  expect(ids()).toEqual([]);
});

test("what is too much at once stays, holds its conversation, and goes out when it may", async () => {
  const { outbox, sent, ack, ids, clock } = await tab(await IndexedDbStore.open("u"));
  void outbox.post("a", "c", "one");
  void outbox.post("b", "c", "two");
  void outbox.post("x", "other", "three");
  await until(() => sent.length === 1);
  const refusal = { type: "error", code: "rate_limited", message: "wait", retryable: true } as const;
  await outbox.refused({ ...refusal, id: "a", retryAfter: 42 });
  await until(() => sent.length === 2);
  expect(sent).toEqual(["a", "x"]);
  expect(outbox.find("a")?.refused).toBeUndefined();
  expect(outbox.held.value.get("c")).toBe(1000 + 42_000);
  await ack("x");
  await clock.pass(41_000);
  await moment();
  expect(sent).toEqual(["a", "x"]);
  await clock.pass(1_000);
  await until(() => sent.length === 3);
  await ack("a");
  await until(() => sent.length === 4);
  await ack("b");
  expect(sent).toEqual(["a", "x", "a", "b"]);
  expect(ids()).toEqual([]);
  expect(outbox.held.value.size).toBe(0);
});

test("a discarded message is gone", async () => {
  const { outbox, facts, ids } = await tab(await IndexedDbStore.open("u"));
  facts.open = false;
  await outbox.post("a", "c", "hello");
  await outbox.discard("a");
  expect(ids()).toEqual([]);
});

test("a connection that does not ack in time is reported", async () => {
  const { outbox, sent, facts, clock } = await tab(await IndexedDbStore.open("u"));
  void outbox.post("a", "c", "hello");
  await until(() => sent.length === 1);
  await clock.pass(ACK_MS);
  expect(facts.timedOut).toBe(1);
});

test("drafts are kept for each conversation until they are empty", async () => {
  const store = await IndexedDbStore.open("u");
  await store.keepDraft("c", "half a thou");
  expect(await store.draft("c")).toBe("half a thou");
  expect(await store.draft("d")).toBe("");
  await store.keepDraft("c", "");
  expect(await store.draft("c")).toBe("");
});

test("a message that the store refuses is reported before its ack, shown, and sent from memory", async () => {
  const store = new RefusingStore();
  const { outbox, sent, ack, ids } = await tab(store);
  store.refuses.add("put").add("all");
  await expect(outbox.post("a", "c", "hello")).rejects.toThrow(StoreError);
  expect(ids()).toEqual(["a"]);
  await until(() => sent.length === 1);
  await ack("a");
  expect(ids()).toEqual([]);
});

test("with a store that refuses everything, what is written offline goes out with the next connection", async () => {
  const store = new RefusingStore();
  const { outbox, sent, facts } = await tab(store);
  for (const call of ["put", "all", "remove"] as const) store.refuses.add(call);
  facts.open = false;
  await expect(outbox.post("a", "c", "hello")).rejects.toThrow(StoreError);
  facts.open = true;
  await Promise.race([outbox.flush(), until(() => sent.length === 1)]);
  expect(sent).toEqual(["a"]);
  expect(facts.failed).toEqual([]);
});

test("a message that cannot be stored again is sent again all the same", async () => {
  const store = new RefusingStore();
  const { outbox, sent } = await tab(store);
  void outbox.post("a", "c", "hello");
  await until(() => sent.length === 1);
  await outbox.refused({ type: "error", code: "rate_limited", message: "wait", retryable: true, id: "a" });
  store.refuses.add("put");
  await expect(outbox.retry("a")).rejects.toThrow(StoreError);
  await until(() => sent.length === 2);
  expect(outbox.find("a")?.refused).toBeUndefined();
});

test("a refusal that cannot be stored is shown, and does not hold up the next message", async () => {
  const store = new RefusingStore();
  const { outbox, sent } = await tab(store);
  void outbox.post("a", "c", "bad");
  void outbox.post("b", "c", "good");
  await until(() => sent.length === 1);
  store.refuses.add("put").add("all");
  const refusal = { type: "error", code: "rate_limited", message: "wait", retryable: true, id: "a" } as const;
  await expect(outbox.refused(refusal)).rejects.toThrow(StoreError);
  await until(() => sent.length === 2);
  expect(outbox.find("a")?.refused?.message).toBe("wait");
});

test("a message that the store does not give up is not discarded", async () => {
  const store = new RefusingStore();
  const { outbox, facts, ids } = await tab(store);
  facts.open = false;
  await outbox.post("a", "c", "hello");
  store.refuses.add("remove");
  await expect(outbox.discard("a")).rejects.toThrow(StoreError);
  expect(ids()).toEqual(["a"]);
});

test("a flush that fails is reported, and the next one sends", async () => {
  const withLock = lock();
  const locking = { fails: true };
  const { outbox, sent, facts } = await tab(new RefusingStore(), (job) =>
    locking.fails ? Promise.reject(new Error("no lock")) : withLock(job),
  );
  await outbox.post("a", "c", "hello");
  await until(() => facts.failed.length === 1);
  locking.fails = false;
  void outbox.flush();
  await until(() => sent.length === 1);
});

test("the browser's own errors are a store's errors", async () => {
  const store = await IndexedDbStore.open("u");
  const unreadable = { id: "a", conversationId: "c", text: "x", writtenAt: 1, job: () => {} };
  await expect(store.put(unreadable)).rejects.toThrow(StoreError);
});
