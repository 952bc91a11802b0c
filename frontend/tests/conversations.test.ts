import { expect, test } from "vitest";
import { Conversations } from "../src/chat/conversations";
import type { Conversation, ListPage } from "../src/wire/api";

const PAGE = 2;

function talk(id: string, minute: number, pinned = false): Conversation {
  const lastAt = `2026-01-01T12:${String(minute).padStart(2, "0")}:00.000Z`;
  return { id, title: id, pinned, archived: false, lastSeq: 2, lastAt };
}

/** A cloud with these conversations, in its order; a mark is the id of the last one. */
function list(talks: Conversation[]) {
  const cloud = { talks, asked: [] as (string | undefined)[] };
  const conversations = async (after?: string): Promise<ListPage> => {
    cloud.asked.push(after);
    const from = after === undefined ? 0 : cloud.talks.findIndex((one) => one.id === after) + 1;
    const page = cloud.talks.slice(from, from + PAGE);
    const left = cloud.talks.length > from + PAGE;
    return { conversations: page, after: left ? (page.at(-1)?.id ?? null) : null };
  };
  const api = { conversations, change: async () => talk("x", 0), remove: async () => {} };
  let kept: Record<string, number> = {};
  const write = (read: Record<string, number>) => {
    kept = read;
  };
  const store = { read: () => kept, write };
  const shown = new Conversations(api, store, () => {});
  return { cloud, shown, ids: () => shown.sorted.value.map((one) => one.id) };
}

const FIVE = () => [talk("p", 1, true), talk("a", 40), talk("b", 30), talk("c", 20), talk("d", 10)];

test("the list comes in pages until its end", async () => {
  const { shown, ids } = list(FIVE());
  await shown.load();
  expect(ids()).toEqual(["p", "a"]);
  await shown.loadMore();
  expect(ids()).toEqual(["p", "a", "b", "c"]);
  await shown.loadMore();
  expect(ids()).toEqual(["p", "a", "b", "c", "d"]);
  expect(shown.after.value).toBeNull();
});

test("what was loaded stays when the first page comes again, and what has gone from it does not", async () => {
  const { cloud, shown, ids } = list(FIVE());
  await shown.load();
  await shown.loadMore();
  cloud.talks = [talk("p", 1, true), talk("new", 50), talk("b", 30), talk("c", 20), talk("d", 10)];
  await shown.load();
  expect(ids()).toEqual(["p", "new", "a", "b", "c"]); // "a" may be behind the page now
  await shown.loadMore();
  expect(ids()).toEqual(["p", "new", "a", "b", "c", "d"]);
  cloud.talks = [talk("p", 1, true), talk("new", 50)];
  await shown.load();
  expect(ids()).toEqual(["p", "new"]);
});

test("two presses at once bring one page, and at the end there is nothing to ask for", async () => {
  const { cloud, shown, ids } = list(FIVE());
  await shown.load();
  await Promise.all([shown.loadMore(), shown.loadMore()]);
  expect(ids()).toEqual(["p", "a", "b", "c"]);
  await shown.loadMore();
  const { length } = cloud.asked;
  await shown.loadMore();
  expect(cloud.asked.length).toBe(length);
});

test("old conversations that come with a later page are not news", async () => {
  const { shown } = list(FIVE());
  await shown.load();
  await shown.loadMore();
  expect(shown.known.value.filter((one) => shown.isUnread(one))).toEqual([]);
});
