import { expect, test } from "vitest";
import { Fresh } from "../src/fresh";
import { Route } from "../src/route";
import { FakeAddress, keyValues } from "./fakes";

const TALK = "11111111-1111-4111-8111-111111111111";
const FRESH = "22222222-2222-4222-8222-222222222222";

function world(hash = "", kept: Record<string, string> = {}) {
  const address = new FakeAddress();
  address.hash = hash;
  const storage = keyValues(kept);
  const shown: [string, boolean][] = [];
  const fresh = new Fresh({ tab: storage, device: keyValues(), claim: async () => true, newId: () => FRESH });
  const route = new Route(address, fresh);
  const follow = () => route.follow((id, fresh) => shown.push([id, fresh]));
  return { address, kept: storage.kept, shown, route, follow, fresh };
}

test("the conversation that the address names is shown, now and whenever it changes", () => {
  const { address, follow, shown } = world(`#/c/${TALK}`);
  follow();
  address.goTo(`#/c/${FRESH}`);
  expect(shown).toEqual([
    [TALK, false],
    [FRESH, false],
  ]);
});

test("without an address there is one fresh conversation, the same after a reload", async () => {
  const first = world();
  first.follow();
  expect(first.shown).toEqual([[FRESH, true]]);
  const second = world("", { ...first.kept, "openclaw-fresh": TALK });
  await second.fresh.open();
  second.follow();
  expect(second.shown).toEqual([[TALK, true]]);
});

test("an address of no conversation of ours is asked for, not begun", () => {
  const { follow, shown } = world("#/c/short");
  follow();
  expect(shown).toEqual([["short", false]]);
});

test.each(["#settings", "#/c/"])("an address such as %s names no conversation", (hash) => {
  const { follow, shown } = world(hash);
  follow();
  expect(shown).toEqual([[FRESH, true]]);
});

test("a fresh conversation gets its address with the first message, and the next one is another", () => {
  const { address, follow, kept, route } = world();
  follow();
  route.settle(FRESH);
  expect(address.replaced).toEqual([`#/c/${FRESH}`]);
  expect(kept).toEqual({});
});

test("a message to a conversation that has its address changes nothing", () => {
  const { address, route, kept } = world(`#/c/${TALK}`, { "openclaw-fresh": FRESH });
  route.settle(TALK);
  expect(address.replaced).toEqual([]);
  expect(kept).toEqual({ "openclaw-fresh": FRESH });
});

test("going to a conversation or to the fresh one is an entry of the history", () => {
  const { address, follow, route, shown } = world();
  follow();
  route.goTo(TALK);
  expect(address.hash).toBe(`#/c/${TALK}`);
  route.goFresh();
  expect(shown).toEqual([
    [FRESH, true],
    [TALK, false],
    [FRESH, true],
  ]);
});
