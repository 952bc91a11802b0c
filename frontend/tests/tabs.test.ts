import { expect, test } from "vitest";
import { type Change, Tabs } from "../src/chat/tabs";
import { broadcast, locks } from "./fakes";

function world(names = ["u", "u"]) {
  const ports = { channel: broadcast(), withLock: locks() };
  const tabs = names.map((name) => new Tabs(name, ports));
  const heard = tabs.map((tab) => {
    const changes: Change[] = [];
    tab.listen((change) => changes.push(change));
    return changes;
  });
  return { tabs: tabs as [Tabs, Tabs], heard };
}

test("a change is heard by the other tabs and not by its own", () => {
  const { tabs, heard } = world();
  tabs[0].announce("outbox");
  tabs[0].announce("settings");
  expect(heard).toEqual([[], ["outbox", "settings"]]);
});

test("another person's tabs hear nothing", () => {
  const { tabs, heard } = world(["u", "v"]);
  tabs[0].announce("conversations");
  expect(heard).toEqual([[], []]);
});

test("a tab opens its channel when it first needs it, and only one", () => {
  const opened: string[] = [];
  const channel = (name: string) => {
    opened.push(name);
    return { onmessage: null, postMessage: () => {} };
  };
  const tabs = new Tabs("u", { channel, withLock: locks() });
  expect(opened).toEqual([]);
  tabs.listen(() => {});
  tabs.announce("outbox");
  expect(opened).toEqual(["u"]);
});

test("what must not be doubled is done by one tab at a time", async () => {
  const { tabs } = world();
  const steps: string[] = [];
  let finish = () => {};
  const first = tabs[0].withLock(async () => {
    steps.push("first begins");
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    steps.push("first ends");
  });
  const second = tabs[1].withLock(async () => void steps.push("second"));
  await Promise.resolve();
  await Promise.resolve();
  finish();
  await Promise.all([first, second]);
  expect(steps).toEqual(["first begins", "first ends", "second"]);
});
