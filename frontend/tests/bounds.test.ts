import { expect, test } from "vitest";
import { Blocks } from "../src/prose/blocks";
import { lex, render } from "../src/prose/markdown";
import { NASTY } from "./nasty";

/** The bound is on the algorithm: what grows with the square of these texts takes seconds. */
const MOST_MS = 100;
const SLOW = 4; // a machine that does something else

const names = Object.keys(NASTY);
const text = (name: string) => NASTY[name] as string;

test.each(names)("%s: a block is read and drawn within its bound", { retry: 3 }, (name) => {
  const began = performance.now();
  const blocks = lex(text(name));
  const lexed = performance.now() - began;
  expect(lexed).toBeLessThan(MOST_MS * (SLOW + Math.min(blocks.length, 20)));
  const slowest = Math.max(0, ...blocks.map(drawMs));
  expect(slowest).toBeLessThan(MOST_MS * SLOW);
});

function drawMs(token: Parameters<typeof render>[0]): number {
  const began = performance.now();
  render(token);
  return performance.now() - began;
}

test("what is too dear is shown as it was written, and nothing of it is lost", () => {
  const shown = lex(text("emphasis that never ends")).map(render).join("");
  expect(shown.match(/_a/g)).toHaveLength(20_000);
  const quotes = lex(text("quotes in quotes, without spaces")).map(render).join("");
  expect(quotes.match(/&gt;/g)?.length).toBeGreaterThan(9_900);
});

test("a dear paragraph takes nothing from the ones around it", () => {
  const shown = lex(`**before**\n\n${text("emphasis that never ends")}\n\n**behind**`)
    .map(render)
    .join("");
  expect(shown).toContain("<strong>before</strong>");
  expect(shown).toContain("<strong>behind</strong>");
});

test("a long paragraph of lines keeps its links and its emphasis", () => {
  const lines = Array.from(
    { length: 400 },
    (_, at) => `Line ${at} is **bold** and has https://example.com/${at} in it`,
  );
  const shown = lex(lines.join("\n")).map(render).join("");
  expect(shown.match(/<strong>/g)).toHaveLength(400);
  expect(shown.match(/<a /g)).toHaveLength(400);
});

test("a growing text that is dear is not read again with every word", () => {
  const blocks = new Blocks();
  const whole = text("emphasis that never ends").slice(0, 16_000);
  const began = performance.now();
  for (let end = 200; end <= whole.length; end += 20) {
    const drawn = blocks.update(whole.slice(0, end), true);
    expect(drawn.map((one) => one.raw).join("")).toBe(whole.slice(0, end));
  }
  expect(performance.now() - began).toBeLessThan(4_000 * SLOW);
});
