// The page has its own words for everything the cloud names by a code.
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { en } from "../src/words/en";
import { ko } from "../src/words/ko";
import { chosen, noteOf } from "../src/words/words";

const url = new URL("../../tests/golden/notes.json", import.meta.url);
const notes = JSON.parse(readFileSync(url, "utf8")) as Record<string, string>;

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

test("a note that the page does not know is shown as the cloud worded it", () => {
  expect(noteOf({ status: "idle", note: "Something new.", noteCode: "of_tomorrow" })).toBe("Something new.");
  expect(noteOf({ status: "idle", note: "The backup could not be written." })).toBe(
    "The backup could not be written.",
  );
});

test("most of the time there is no note", () => {
  expect(noteOf({ status: "running" })).toBeUndefined();
});
