// The only way for a message of the person's, out or away: nothing is lost, and every failure is said.
import { afterEach, expect, test } from "vitest";
import type { MessageAction } from "../src/page";
import { en } from "../src/words/en";
import { ko } from "../src/words/ko";
import { chosen } from "../src/words/words";
import { settle } from "./clockwork";
import type { RefusingStore } from "./fakes";
import { TALK, Tab } from "./tab";

afterEach(() => {
  chosen.value = null;
});

const refuseAll = (store: RefusingStore) => {
  for (const call of ["all", "put", "remove", "draft", "keepDraft"] as const) store.refuses.add(call);
};

test("a message goes out, its conversation gets an address, and the thread brings it up", async () => {
  const tab = new Tab();
  tab.address.hash = "";
  await tab.open();
  const id = await tab.send("hello");
  expect(tab.sent).toEqual(["hello"]);
  expect(tab.address.replaced).toEqual([`#/c/${TALK}`]);
  expect(tab.page.view.anchor.value.id).toBe(id);
});

test("a draft is given up when its message is stored, and not before", async () => {
  const tab = new Tab();
  await tab.open();
  await tab.page.drafts.write(TALK, "hello");
  tab.browser.store.refuses.add("put");
  await tab.send("hello");
  expect(await tab.browser.store.draft(TALK)).toBe("hello");
  tab.browser.store.refuses.clear();
  await tab.send("hello");
  expect(await tab.browser.store.draft(TALK)).toBe("");
});

test("a draft whose message could not be stored is given up when the cloud has the message", async () => {
  const tab = new Tab();
  await tab.open();
  await tab.page.drafts.write(TALK, "hello");
  tab.browser.store.refuses.add("put");
  await tab.acked(await tab.send("hello"));
  expect(await tab.browser.store.draft(TALK)).toBe("");
});

test.each([en, ko])(
  "a store that refuses is reported in the language of the page: $settings",
  async (words) => {
    chosen.value = words === ko ? "ko" : "en";
    const tab = new Tab();
    await tab.open();
    refuseAll(tab.browser.store);
    await tab.send("hello");
    expect(tab.toasts).toEqual([words.storeRefused]);
  },
);

test("with a store that refuses, a message is said to be at risk, shown, and sent", async () => {
  const tab = new Tab();
  await tab.open();
  refuseAll(tab.browser.store);
  await tab.send("hello");
  expect(tab.toasts).toEqual([en.storeRefused]);
  expect(tab.outbox.map((message) => message.text)).toEqual(["hello"]);
  expect(tab.sent).toEqual(["hello"]);
});

test("with a store that refuses and no connection, a message stays until there is one", async () => {
  const tab = new Tab();
  tab.page.start();
  await settle();
  refuseAll(tab.browser.store);
  await tab.send("hello");
  expect(tab.toasts).toEqual([en.storeRefused]);
  expect(tab.outbox).toHaveLength(1);
  await tab.connect();
  expect(tab.sent).toEqual(["hello"]);
});

test("Retry with a store that refuses is reported, and the message goes out again", async () => {
  const tab = new Tab();
  await tab.open();
  const id = await tab.refusedMessage();
  refuseAll(tab.browser.store);
  await tab.page.dispatch({ kind: "retry", id });
  await settle();
  expect(tab.toasts).toEqual([en.storeRefused]);
  expect(tab.sent).toEqual(["hello", "hello"]);
  expect(tab.outbox[0]?.refused).toBeUndefined();
});

test("Discard with a store that refuses is reported, and the message stays as not sent", async () => {
  const tab = new Tab();
  await tab.open();
  const id = await tab.refusedMessage();
  tab.browser.store.refuses.add("remove");
  await tab.page.dispatch({ kind: "discard", id });
  expect(tab.toasts).toEqual([en.storeRefused]);
  expect(tab.outbox[0]?.refused?.message).toBe("wait");
  tab.browser.store.refuses.clear();
  await tab.page.dispatch({ kind: "discard", id });
  expect(tab.outbox).toEqual([]);
});

test("a message that is sent again is brought up again, however often", async () => {
  const tab = new Tab();
  await tab.open();
  const id = await tab.refusedMessage();
  const first = tab.page.view.anchor.value;
  await tab.page.dispatch({ kind: "retry", id });
  expect(tab.page.view.anchor.value.id).toBe(id);
  expect(tab.page.view.anchor.value).not.toBe(first);
});

test.each<MessageAction>([
  { kind: "send", conversationId: TALK, text: "x" },
  { kind: "retry", id: "unknown" },
  { kind: "discard", id: "unknown" },
])("$kind never throws at whoever pressed the button", async (action) => {
  const tab = new Tab();
  refuseAll(tab.browser.store);
  await expect(tab.page.dispatch(action)).resolves.toBeUndefined();
});
