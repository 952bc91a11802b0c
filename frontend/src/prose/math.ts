// Formulas stay as they were written: Markdown would take their backslashes, and half of their asterisks.
import type { TokenizerExtension } from "marked";

const MOST = 4_096;
const BLOCK =
  /^ {0,3}(?:\\\[(?:(?!\n[ \t]*\n)[\s\S])*?\\\]|\$\$(?:(?!\n[ \t]*\n)[\s\S])+?\$\$)[ \t]*(?:\n|$)/;
/** `$…$` by Pandoc's rule, so that `$5` and `$6` stay prices. */
const INLINE = [
  /^\\\([\s\S]+?\\\)/,
  /^\\\[[\s\S]+?\\\]/,
  /^\$\$[^$]+?\$\$/,
  /^\$(?=[^\s$])(?:\\.|[^$\\\n])*?(?<=[^\s\\])\$(?![\d$])/,
];

const inline: TokenizerExtension = {
  name: "math",
  level: "inline",
  start: (text) => first(text.indexOf("$")),
  tokenizer(text) {
    if (text[0] !== "$" && text[0] !== "\\") return undefined;
    const part = text.slice(0, MOST);
    const raw = INLINE.map((pattern) => pattern.exec(part)?.[0]).find(Boolean);
    return raw ? { type: "math", raw, text: raw } : undefined;
  },
};

const block: TokenizerExtension = {
  name: "mathBlock",
  level: "block",
  start(text) {
    const near = text.slice(0, MOST);
    return first(near.indexOf("\n\\["), near.indexOf("\n$$"));
  },
  tokenizer(text) {
    if (!/^ {0,3}(?:\\\[|\$\$)/.test(text)) return undefined;
    const raw = BLOCK.exec(text.slice(0, MOST))?.[0];
    return raw ? { type: "mathBlock", raw, text: raw.trim() } : undefined;
  },
};

function first(...places: number[]): number | undefined {
  const found = places.filter((place) => place >= 0);
  return found.length ? Math.min(...found) : undefined;
}

export const math = { inline, block };
