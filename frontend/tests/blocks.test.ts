import { expect, test } from "vitest";
import { Blocks } from "../src/prose/blocks";
import { render } from "../src/prose/markdown";

const TEXT = `# Title

A paragraph with **bold** words
and a second line.

- one
- two

  still two

1. first
2. second

\`\`\`js
const a = 1;

const b = 2;
\`\`\`

| a | b |
| - | - |
| 1 | 2 |

> quoted
> twice

The end, **굵게(강조)**는.
`;

const html = (blocks: ReturnType<Blocks["update"]>) => blocks.map((block) => render(block.token)).join("");

test("a text that came one character at a time renders like one that came at once", () => {
  const growing = new Blocks();
  for (let at = 1; at <= TEXT.length; at++) growing.update(TEXT.slice(0, at), true);
  expect(html(growing.update(TEXT, true))).toBe(html(new Blocks().update(TEXT, false)));
});

test("finished blocks stay the same objects", () => {
  const growing = new Blocks();
  const before = growing.update("one\n\ntwo\n\nthr", true);
  const after = growing.update("one\n\ntwo\n\nthree", true);
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[0]).toBe(before[0]);
  expect(after[1]).toBe(before[1]);
  expect(after[2]).not.toBe(before[2]);
});

test("the end of the stream leaves finished blocks alone", () => {
  const growing = new Blocks();
  const before = growing.update("one\n\ntwo\n\nthree", true);
  expect(growing.update("one\n\ntwo\n\nthree", false)[0]).toBe(before[0]);
});

test("a text taken back starts anew", () => {
  const growing = new Blocks();
  growing.update("one\n\ntwo\n\nthree", true);
  expect(growing.update("# other", true).map((block) => block.raw)).toEqual(["# other"]);
});

test("a reference behind its use is found when the text is complete", () => {
  const growing = new Blocks();
  const text = "see [here][1]\n\nmore\n\n[1]: https://example.com";
  growing.update(text, true);
  expect(html(growing.update(text, false))).toContain('href="https://example.com"');
});
