// The page has its own words for everything the cloud names by a code.
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { Entry } from "../src/wire/entry";
import { en } from "../src/words/en";
import { FAILURES } from "../src/words/failures";
import { ko } from "../src/words/ko";
import { adviceOf, chosen, failureOf, noteOf, refusalOf } from "../src/words/words";

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../tests/golden/${name}.json`, import.meta.url), "utf8")) as T;
}

const notes = golden<Record<string, string>>("notes");

afterEach(() => {
  chosen.value = null;
});

test("every note of the cloud has words in both languages, in English the cloud's own", () => {
  expect(en.notes).toEqual(notes);
  expect(Object.keys(ko.notes)).toEqual(Object.keys(notes));
});

test("a note is shown in the language of the page", () => {
  chosen.value = "ko";
  expect(noteOf({ status: "idle", note: notes.no_capacity, noteCode: "no_capacity" })).toBe(
    ko.notes.no_capacity,
  );
});

test("what it works at by itself is named in the language of the page, in one order", () => {
  const status = { status: "running", noteCode: "works", noteArgs: { jobs: 1, commands: 2 } } as const;
  expect(noteOf(status)).toBe(
    "Awake: it is still working by itself (2 commands in the background, 1 scheduled job).",
  );
  const cut = { status: "idle", noteCode: "work_cut", noteArgs: { tasks: 1, turns: 1 } } as const;
  expect(noteOf(cut)).toBe(
    "It was stopped in the middle of work of its own: 1 task in the background, 1 turn.",
  );
  chosen.value = "ko";
  expect(noteOf(status)).toBe("스스로 하는 일이 있어 깨어 있습니다(백그라운드 명령 2개, 예약 작업 1개).");
});

test("a note that the page does not know is shown as the cloud worded it", () => {
  expect(noteOf({ status: "idle", note: "Something new.", noteCode: "of_tomorrow" })).toBe("Something new.");
  expect(noteOf({ status: "idle", note: "The backup could not be written." })).toBe(
    "The backup could not be written.",
  );
});

test("most of the time there is no note", () => {
  expect(noteOf({ status: "running" })).toBeUndefined();
});

const failures = golden<Record<string, { code: string; en: string; ko: string; action: string }>>("failures");
const codes = golden<string[]>("error_codes");

test("every failure of the cloud has words in both languages, the cloud's own, and the same advice", () => {
  const ours = Object.entries(FAILURES).map(([key, { en: english, ko: korean, action }]) => {
    return [key, { en: english, ko: korean, action }];
  });
  expect(ours).toEqual(
    Object.entries(failures).map(([key, { en: english, ko: korean, action }]) => {
      return [key, { en: english, ko: korean, action }];
    }),
  );
});

test("every code that a refusal can carry has words in Korean", () => {
  expect(Object.keys(ko.errors).sort()).toEqual(codes);
});

const notice = (rest: Partial<Entry>): Entry => ({
  ...{
    id: "n",
    conversationId: "c",
    seq: 1,
    role: "notice",
    text: "As the cloud says.",
    createdAt: "",
    status: "failed",
  },
  ...rest,
});

test("a failure is told in the page's language, with what it is about", () => {
  const failed = notice({
    errorKey: "model_auth.key_refused",
    errorParams: { model: "anthropic/claude-opus-5" },
  });
  expect(failureOf(failed)).toMatch(/^anthropic\/claude-opus-5 refused the API key/);
  expect(failureOf(notice({ errorKey: "model_error.overloaded" }))).toMatch(
    /^The model provider is overloaded/,
  );
  chosen.value = "ko";
  expect(failureOf(failed)).toMatch(/^anthropic\/claude-opus-5에서 API 키를 거부/);
  expect(failureOf(notice({ errorKey: "model_error.overloaded" }))).toMatch(/^모델 제공자에/);
});

test("a failure that the page does not know is told as the cloud words it", () => {
  expect(failureOf(notice({}))).toBe("As the cloud says.");
  expect(failureOf(notice({ errorKey: "of.tomorrow" }))).toBe("As the cloud says.");
});

test.each([
  [{ errorKey: "model_error.context_full" }, "new_conversation"],
  [{ errorKey: "model_error.model_unknown" }, "choose_model"],
  [{ errorKey: "interrupted.crashes" }, "edit"],
  [{ errorKey: "model_auth.key_refused", retryable: false }, "retry"],
  [{ errorKey: "of.tomorrow", retryable: true }, "retry"],
  [{ retryable: true }, "retry"],
  [{ retryable: false }, "none"],
])("the advice of %j is %s", (rest, advice) => {
  expect(adviceOf(notice(rest))).toBe(advice);
});

test("a refusal is told in the page's language where the page has words for it", () => {
  expect(refusalOf("rate_limited", "Slow down.")).toBe("Slow down.");
  chosen.value = "ko";
  expect(refusalOf("rate_limited", "Slow down.")).toBe(ko.errors.rate_limited);
  expect(refusalOf("of_tomorrow", "Slow down.")).toBe("Slow down.");
});
