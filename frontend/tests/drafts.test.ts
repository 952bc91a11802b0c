import { expect, test } from "vitest";
import { Drafts } from "../src/chat/drafts";
import { StoreError } from "../src/store/store";
import { RefusingStore } from "./fakes";

function world() {
  const store = new RefusingStore();
  return { store, drafts: new Drafts(store) };
}

test("a draft survives a reload", async () => {
  const { store, drafts } = world();
  await drafts.write("c", "half a thou");
  expect(await new Drafts(store).read("c")).toBe("half a thou");
  expect(await drafts.read("d")).toBe("");
});

test("a draft that the store refuses is still there when the person comes back to the conversation", async () => {
  const { store, drafts } = world();
  await drafts.write("c", "half");
  store.refuses.add("keepDraft").add("draft");
  await expect(drafts.write("c", "half a thou")).rejects.toThrow(StoreError);
  expect(await drafts.read("c")).toBe("half a thou");
});

test("a text that was sent is no draft any more, whatever spaces stood around it", async () => {
  const { store, drafts } = world();
  await drafts.write("c", " hello\n");
  await drafts.used("c", "hello");
  expect(await store.draft("c")).toBe("");
});

test("what was written since stays a draft", async () => {
  const { store, drafts } = world();
  await drafts.write("c", "hello");
  const used = drafts.used("c", "hello");
  const written = drafts.write("c", "hello again");
  await Promise.all([used, written]);
  expect(await drafts.read("c")).toBe("hello again");
  expect(await store.draft("c")).toBe("hello again");
});
