import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clean, isEmpty } from "../src/wire/message";

interface Case {
  text: string;
  clean: string;
  empty: boolean;
}

const golden = new URL("../../tests/golden/texts.json", import.meta.url);
const cases = JSON.parse(readFileSync(golden, "utf8")) as Case[];

test.each(cases)("$text is cleaned, and empty or not, as in the cloud", (one) => {
  expect(clean(one.text)).toBe(one.clean);
  expect(isEmpty(one.clean)).toBe(one.empty);
});
