import { expect, test } from "vitest";
import { Fresh } from "../src/fresh";
import { keyValues } from "./fakes";

/** One browser: its tabs share what is kept on the device, and the names that tabs have claimed. */
function browser() {
  const device = keyValues();
  const claimed = new Set<string>();
  let ids = 0;
  const tab = (kept = keyValues()) => {
    const mine: string[] = [];
    const claim = async (name: string) => {
      if (claimed.has(name)) return false;
      claimed.add(name);
      mine.push(name);
      return true;
    };
    const fresh = new Fresh({ tab: kept, device, claim, newId: () => `id-${++ids}` });
    const close = () => {
      for (const name of mine) claimed.delete(name);
    };
    return { fresh, kept, close };
  };
  return { tab };
}

test("two tabs begin two conversations", async () => {
  const { tab } = browser();
  const [one, two] = [tab(), tab()];
  await one.fresh.open();
  const first = one.fresh.id;
  await two.fresh.open();
  expect(two.fresh.id).not.toBe(first);
  expect(one.fresh.id).toBe(first);
});

test("a tab that is reloaded, and one that is opened after it was closed, go on with the same", async () => {
  const { tab } = browser();
  const one = tab();
  await one.fresh.open();
  const { id } = one.fresh;
  one.close();
  const reloaded = tab(one.kept);
  await reloaded.fresh.open();
  expect(reloaded.fresh.id).toBe(id);
  reloaded.close();
  const later = tab();
  await later.fresh.open();
  expect(later.fresh.id).toBe(id);
});

test("a tab that was doubled, with all it keeps, begins another", async () => {
  const { tab } = browser();
  const one = tab();
  await one.fresh.open();
  const { id } = one.fresh;
  const copy = tab(keyValues({ ...one.kept.kept }));
  await copy.fresh.open();
  expect(copy.fresh.id).not.toBe(id);
});

test("after the first message the next conversation is another, and a foreign one changes nothing", async () => {
  const { tab } = browser();
  const { fresh, kept } = tab();
  await fresh.open();
  const { id } = fresh;
  fresh.used("foreign");
  expect(fresh.id).toBe(id);
  fresh.used(id);
  expect(kept.kept).toEqual({});
  expect(fresh.id).not.toBe(id);
});
