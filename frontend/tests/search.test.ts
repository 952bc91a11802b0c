import { expect, test } from "vitest";
import { Search } from "../src/chat/search";
import { marked } from "../src/ui/marked";
import type { Hit, HitPage } from "../src/wire/hit";
import { Clockwork, settle } from "./clockwork";

const hit = (seq: number): Hit => ({
  conversationId: "c",
  title: "Weather",
  at: "2026-01-01T12:00:00.000Z",
  said: { seq, role: "agent", excerpt: `rain ${seq}` },
});

/** A cloud that answers when it is told to, in whatever order. */
function cloud() {
  const clock = new Clockwork();
  const asked: {
    words: string;
    after: string | undefined;
    answer(page: HitPage): void;
    fail(error: Error): void;
  }[] = [];
  const failures: unknown[] = [];
  const search = (words: string, after?: string) =>
    new Promise<HitPage>((answer, fail) => asked.push({ words, after, answer, fail }));
  return {
    clock,
    asked,
    failures,
    search: new Search({ search }, clock.after, (error) => failures.push(error)),
  };
}

/** Its first part has one hit, and there is more. */
async function findFirst({ clock, asked, search }: ReturnType<typeof cloud>): Promise<void> {
  search.type("rain");
  await clock.pass(250);
  asked[0]?.answer({ hits: [hit(9)], after: "mark" });
  await settle();
}

const seqs = (search: Search) => search.hits.value.map((one) => one.said?.seq);

test("it is asked when somebody pauses, once for all keys", async () => {
  const { clock, asked, search } = cloud();
  search.type("r");
  await clock.pass(200);
  search.type("rain ");
  expect(search.state.value).toBe("searching");
  await clock.pass(250);
  expect(asked.map((one) => one.words)).toEqual(["rain"]);
  asked[0]?.answer({ hits: [hit(2)], after: null });
  await settle();
  expect(search.state.value).toBe("found");
  expect(seqs(search)).toEqual([2]);
});

test("an answer to an older question is not shown, nor is its failure told", async () => {
  const { clock, asked, failures, search } = cloud();
  for (const words of ["rain", "snow", "sun"]) {
    search.type(words);
    await clock.pass(250);
  }
  asked[2]?.answer({ hits: [hit(9)], after: null });
  await settle();
  asked[0]?.answer({ hits: [hit(1)], after: "mark" });
  asked[1]?.fail(new Error("offline"));
  await settle();
  expect(seqs(search)).toEqual([9]);
  expect(search.after.value).toBeNull();
  expect(failures).toEqual([]);
});

test("it goes further back from where the part before has ended, once at a time", async () => {
  const one = cloud();
  const { asked, search } = one;
  await findFirst(one);
  void search.more();
  void search.more();
  await settle();
  expect(asked.map((one) => one.after)).toEqual([undefined, "mark"]);
  asked[1]?.answer({ hits: [hit(3)], after: null });
  await settle();
  expect(seqs(search)).toEqual([9, 3]);
  await search.more();
  expect(asked.length).toBe(2);
});

test("what fails is told, and typing on tries again", async () => {
  const { clock, asked, failures, search } = cloud();
  search.type("rain");
  await clock.pass(250);
  asked[0]?.fail(new Error("offline"));
  await settle();
  expect(search.state.value).toBe("failed");
  expect(failures.length).toBe(1);
  search.type("rains");
  expect(search.state.value).toBe("searching");
});

test("what failed is asked for again", async () => {
  const { clock, asked, search } = cloud();
  search.type("rain");
  await clock.pass(250);
  asked[0]?.fail(new Error("offline"));
  await settle();
  void search.again();
  expect(asked[1]).toMatchObject({ words: "rain", after: undefined });
  asked[1]?.answer({ hits: [hit(9)], after: "mark" });
  await settle();
  expect(seqs(search)).toEqual([9]);
});

test("a part that fails keeps what was found, and can be asked for again", async () => {
  const one = cloud();
  const { asked, search } = one;
  await findFirst(one);
  void search.more();
  asked[1]?.fail(new Error("offline"));
  await settle();
  expect(seqs(search)).toEqual([9]);
  void search.more();
  expect(asked[2]?.after).toBe("mark");
});

test("without words there is nothing to look for", async () => {
  const { clock, asked, search } = cloud();
  search.type("rain");
  search.clear();
  await clock.pass(1000);
  expect(asked).toEqual([]);
  expect(search.state.value).toBe("off");
});

test.each([
  ["It rains in Seoul", "seoul RAIN", ["It ", "*rain", "s in ", "*Seoul"]],
  ["서울의 날씨", "날씨".normalize("NFD"), ["서울의 ", "*날씨"]],
  ["a (.*) b", "(.*)", ["a ", "*(.*)", " b"]],
  ["a covid-19 b/c", "covid-19 b/c", ["a ", "*covid-19", " ", "*b/c"]],
  ["rainfall, rain", "rain rainfall", ["*rainfall", ", ", "*rain"]],
  ["no such word", "rain", ["no such word"]],
  ["anything", "  ", ["anything"]],
])("in %j the words %j are marked", (text, words, parts) => {
  expect(marked(text, words).map((part) => (part.hit ? "*" : "") + part.text)).toEqual(parts);
});
