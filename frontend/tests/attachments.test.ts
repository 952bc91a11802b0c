import { expect, test } from "vitest";
import { NotAttached, readText } from "../src/chat/attachments";
import { MESSAGE_CHARS, TEXT_BYTES } from "../src/wire/attachment";
import { fits } from "../src/wire/protocol";
import { settle } from "./clockwork";
import { Browser, TALK, Tab } from "./tab";

const LOG = "오류 ".repeat(40_000);

async function tab(browser = new Browser()): Promise<Tab> {
  const one = new Tab({}, browser);
  await one.open();
  return one;
}

function file(name: string, ...parts: BlobPart[]): Blob & { name: string } {
  return Object.assign(new Blob(parts), { name });
}

test("a message has so many characters in every language, and what is longer becomes a file", () => {
  for (const letter of ["x", "한", "€", "\n", '"', "\\"]) {
    expect(fits(letter.repeat(MESSAGE_CHARS))).toBe(true);
    expect(fits(letter.repeat(MESSAGE_CHARS + 1))).toBe(false);
  }
  expect(fits("🎉".repeat(MESSAGE_CHARS / 2))).toBe(true);
  expect(fits("\u0001".repeat(MESSAGE_CHARS))).toBe(false);
});

test("a long text is uploaded at once, and goes out with the message by its id", async () => {
  const { page, uploads, socket, ...one } = await tab();
  page.attachments.add(TALK, "pasted.txt", LOG);
  expect(page.attachments.ready(TALK)).toBeNull();
  await settle();
  expect(await uploads[0]?.content.text()).toBe(LOG);
  uploads[0]?.progress(0.5);
  expect(page.attachments.of(TALK)[0]?.progress).toBe(0.5);
  uploads[0]?.finish();
  await settle();

  const attachments = page.attachments.ready(TALK) ?? [];
  page.attachments.clear(TALK);
  await page.dispatch({ kind: "send", conversationId: TALK, text: "", attachments });
  await settle();
  const frame = socket.frames.find((sent) => sent.type === "send");
  expect(frame).toMatchObject({ text: "", attachments: ["upload of pasted.txt"] });
  await expect(one.browser.store.draft(`${TALK}#files`)).resolves.toBe("");

  const id = (frame as { id: string }).id;
  socket.receive({ type: "ack", id, conversationId: TALK, seq: 1 });
  await settle();
  const shown = page.chat.open.find(TALK)?.entries.value[0];
  expect(shown?.attachments).toEqual([
    {
      id: "upload of pasted.txt",
      name: "pasted.txt",
      mimeType: "text/plain",
      bytes: LOG.length * 2 + 40_000,
    },
  ]);
});

test("more than 400 KB is refused with words, before the upload", async () => {
  const { page, uploads } = await tab();
  expect(() => page.attachments.add(TALK, "a", "x".repeat(TEXT_BYTES + 1))).toThrow(
    new NotAttached("tooLong"),
  );
  expect(() => page.attachments.add(TALK, "a", "가".repeat(TEXT_BYTES / 3 + 1))).toThrow("tooLong");
  await expect(page.attachments.addFile(TALK, file("a", "x".repeat(TEXT_BYTES + 1)))).rejects.toThrow(
    "tooLong",
  );
  page.attachments.add(TALK, "a", "x".repeat(TEXT_BYTES));
  await settle();
  expect(uploads.length).toBe(1);
});

test("a message takes five files", async () => {
  const { page } = await tab();
  for (let number = 0; number < 5; number++) page.attachments.add(TALK, "a", "x");
  expect(() => page.attachments.add(TALK, "a", "x")).toThrow(new NotAttached("tooMany"));
});

test("a file that is no text is refused with words", async () => {
  const { page } = await tab();
  await page.attachments.addFile(TALK, file("로그.txt", LOG));
  expect(page.attachments.of(TALK)[0]).toMatchObject({ name: "로그.txt", text: LOG });
  for (const bytes of [[0xff, 0xd8, 0xff], [97, 0, 98], []])
    expect(() => readText(new Uint8Array(bytes).buffer)).toThrow(new NotAttached("notText"));
});

test("an upload that failed can be tried again, and one that is taken out is ended", async () => {
  const { page, uploads } = await tab();
  page.attachments.add(TALK, "a", "x");
  await settle();
  uploads[0]?.fail(new Error("no network"));
  await settle();
  const [chip] = page.attachments.of(TALK);
  expect(chip?.error).toBeTruthy();
  page.attachments.retry(TALK, chip?.key ?? "");
  await settle();
  expect(uploads.length).toBe(2);
  page.attachments.remove(TALK, chip?.key ?? "");
  await settle();
  expect(uploads[1]?.cancelled).toBe(true);
  expect(page.attachments.of(TALK)).toEqual([]);
  expect(page.attachments.ready(TALK)).toEqual([]);
});

test("what was not sent is there again after a reload, and is uploaded again", async () => {
  const browser = new Browser();
  const before = await tab(browser);
  before.page.attachments.add(TALK, "pasted.txt", LOG);
  await settle();

  const after = await tab(browser);
  await after.page.attachments.restore(TALK);
  await after.page.attachments.restore(TALK);
  await settle();
  expect(after.page.attachments.of(TALK).map((chip) => chip.text)).toEqual([LOG]);
  expect(after.uploads.length).toBe(1);
});

test("a store that refuses the draft of a file is told, and the file stays", async () => {
  const one = await tab();
  one.browser.store.refuses.add("keepDraft");
  one.page.attachments.add(TALK, "a", "x");
  await settle();
  expect(one.toasts.length).toBe(1);
  expect(one.page.attachments.of(TALK).length).toBe(1);
});
