import { expect, test } from "vitest";
import { Page } from "../src/page";
import { SignedOut } from "../src/session/session";
import { ApiError } from "../src/wire/api";
import { ShapeError } from "../src/wire/shape";
import { en } from "../src/words/en";
import { settle } from "./clockwork";
import { listed } from "./fakes";
import { Browser, TALK, Tab } from "./tab";

test("a page does nothing to the browser until it is started", async () => {
  const touched: string[] = [];
  const watched = (name: string): never =>
    new Proxy(() => {}, {
      get: (_, key) => watched(`${name}.${String(key)}`),
      apply: () => touched.push(name),
    }) as never;
  const names = [
    "api",
    "session",
    "store",
    "lastRead",
    "tabs",
    "route",
    "look",
    "openHosts",
    "connect",
    "after",
    "now",
  ];
  const ports = Object.fromEntries(names.map((name) => [name, watched(name)]));
  new Page({ ...ports, onReturn: watched("onReturn"), onStorage: watched("onStorage") } as never);
  await settle();
  expect(touched).toEqual([]);
});

test("a deletion can be undone, and then the conversation is shown again", async () => {
  const calls: string[] = [];
  const tab = new Tab({
    conversations: async () => ({ conversations: [listed(TALK, { title: "Badgers" })], after: null }),
    remove: async (id) => void calls.push(`remove ${id}`),
    change: async (id, patch) => {
      calls.push(`change ${id} ${JSON.stringify(patch)}`);
      return listed(id);
    },
  });
  await tab.open();
  tab.page.remove(TALK, "Badgers");
  await settle();
  expect(tab.address.hash).toBe("");
  expect(tab.toasts).toEqual([en.removed("Badgers")]);
  tab.page.toasts.shown.value[0]?.action?.run();
  await settle();
  expect(calls).toEqual([`remove ${TALK}`, `change ${TALK} {"deleted":false}`]);
  expect(tab.address.hash).toBe(`#/c/${TALK}`);
});

test.each([true, false])(
  "signing out asks what this browser keeps, and %s removes it or not",
  async (forget) => {
    const tab = new Tab();
    await tab.open();
    await tab.page.drafts.write(TALK, "half a thought");
    await tab.send("not acknowledged");
    await tab.page.signOut({ everywhere: false, forget });
    expect(tab.signedOut).toBe(true);
    expect(tab.socket.closed).toBe(true);
    expect(await tab.browser.store.draft(TALK)).toBe(forget ? "" : "half a thought");
    expect(await tab.browser.store.all()).toHaveLength(forget ? 0 : 1);
  },
);

test("signing out everywhere asks the cloud first, and stays when it cannot be reached", async () => {
  const calls: string[] = [];
  let fails = true;
  const tab = new Tab({
    signOutEverywhere: async () => {
      calls.push("everywhere");
      if (fails) throw new ApiError("offline", "", 0);
    },
  });
  await tab.open();
  tab.page.attempt(tab.page.signOut({ everywhere: true, forget: false }));
  await settle();
  expect([tab.signedOut, tab.toasts, tab.sockets.length]).toEqual([false, [en.offline], 2]);
  fails = false;
  await tab.page.signOut({ everywhere: true, forget: false });
  expect([tab.signedOut, calls]).toEqual([true, ["everywhere", "everywhere"]]);
});

test("what is to be removed is removed before the session ends everywhere, which may end the page", async () => {
  const kept: string[] = [];
  const tab: Tab = new Tab({
    signOutEverywhere: async () => {
      kept.push(await tab.browser.store.draft(TALK));
    },
  });
  await tab.open();
  await tab.page.drafts.write(TALK, "half a thought");
  await tab.page.signOut({ everywhere: true, forget: true });
  expect(kept).toEqual([""]);
});

test("whoever cannot be forgotten by this browser is told so, and is still signed in", async () => {
  const tab = new Tab();
  await tab.open();
  tab.browser.store.refuses.add("clear");
  tab.page.attempt(tab.page.signOut({ everywhere: false, forget: true }));
  await settle();
  expect([tab.signedOut, tab.toasts]).toEqual([false, [en.storeRefused]]);
});

test("two tabs agree about what is on its way", async () => {
  const shared = new Browser();
  const one = new Tab({}, shared);
  const two = new Tab({}, shared);
  await one.open();
  await two.open();
  const id = await one.send("hello");
  await settle();
  expect(two.outbox.map((message) => message.id)).toEqual([id]);
  expect(two.sent).toEqual([]);
  await one.acked(id);
  await settle();
  expect(two.outbox).toEqual([]);
});

test("a setting that is changed in one tab is read again in the other", async () => {
  const shared = new Browser();
  const reads = { count: 0 };
  const one = new Tab({}, shared);
  const two = new Tab(
    { models: async () => ({ models: [], default: `${++reads.count}`, demo: false }) },
    shared,
  );
  await one.open();
  await two.open();
  await one.page.settings.change({ idleMinutes: 30 });
  await settle();
  expect(reads.count).toBe(2);
});

test("a page that is looked at again connects at once", async () => {
  const tab = new Tab();
  await tab.open();
  tab.sockets[0]?.listener.closed();
  tab.returned();
  await settle();
  expect(tab.sockets).toHaveLength(2);
});

test("what was not read at the last visit is unread at this one", async () => {
  const list = [listed("d", { lastSeq: 5 }), listed("e", { lastSeq: 5 })];
  const tab = new Tab({ conversations: async () => ({ conversations: list, after: null }) });
  tab.browser.lastRead = { d: 3, e: 5 };
  await tab.open();
  const { conversations } = tab.page.chat;
  expect(conversations.sorted.value.map((one) => conversations.isUnread(one))).toEqual([true, false]);
});

test("what another tab has read is read here too", async () => {
  const list = [listed("d", { lastSeq: 5 })];
  const tab = new Tab({ conversations: async () => ({ conversations: list, after: null }) });
  await tab.open();
  tab.browser.lastRead = { d: 3 };
  tab.stored();
  expect(tab.page.chat.conversations.isUnread(listed("d", { lastSeq: 5 }))).toBe(true);
  tab.browser.lastRead = { d: 5 };
  tab.stored();
  expect(tab.page.chat.conversations.isUnread(listed("d", { lastSeq: 5 }))).toBe(false);
});

test("the kill switch is shown without waiting for the socket, and off again", async () => {
  const tab = new Tab();
  await tab.open();
  await tab.page.halt(true);
  expect(tab.page.chat.status.value?.noteCode).toBe("halted");
  await tab.page.halt(false);
  expect(tab.page.chat.status.value?.noteCode).toBeUndefined();
});

test("waking and sleeping are shown without waiting for the socket", async () => {
  const tab = new Tab();
  await tab.open();
  await tab.page.wake();
  expect(tab.page.chat.status.value?.status).toBe("starting");
  await tab.page.sleep();
  expect(tab.page.chat.status.value?.status).toBe("stopping");
});

test.each([
  [new ApiError("offline", "The cloud cannot be reached.", 0), en.offline],
  [new ApiError("rate_limited", "Slow down.", 429), "Slow down."],
  [new ShapeError("id is missing"), en.odd],
  [new SyntaxError("Unexpected token"), en.odd],
  [new Error("Something else."), `${en.wrong} Something else.`],
  ["no error at all", en.wrong],
])("%s is put in words", (error, text) => {
  const tab = new Tab();
  tab.page.report(error);
  expect(tab.toasts).toEqual([text]);
});

test("somebody who is sent to the provider is not shown an error first", () => {
  const tab = new Tab();
  tab.page.report(new SignedOut());
  expect(tab.toasts).toEqual([]);
});

test("a suggestion goes to the composer, and a new conversation closes the drawer", async () => {
  const tab = new Tab();
  await tab.open();
  tab.page.suggest("What can you do?");
  expect(tab.page.view.suggestion.value).toBe("What can you do?");
  tab.page.view.sidebarOpen.value = true;
  tab.page.startFresh();
  expect(tab.page.view.sidebarOpen.value).toBe(false);
  expect(tab.address.hash).toBe("");
});
