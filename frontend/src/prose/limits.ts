// What one block of an answer may cost. Beyond it, words are shown as they were written, so that no answer, however
// odd, can keep its conversation from being opened.
export const DEPTH = 20; // quotes in lists in quotes, or emphasis in links in emphasis
export const RUN = 16_384; // characters that are read for emphasis and links at once
export const PIECES = 4_000; // cells, items and paragraphs of one block
export const WORDS = 2_048; // characters that are searched for the next sign
export const FREE = 1_000_000; // characters looked at: a block of less work is read however slow the machine is just now
export const BLOCK_MS = 50;
export const TEXT_MS = 200; // what all dear blocks of a text may take together; then each gets the least
export const LEAST_MS = 4;
const WINDOW = 16_384; // characters that one list, table or paragraph may have; what goes on behind them is another one

/** A block has had its time. */
export class TooDear extends Error {}

/** `text` in parts of at most `RUN` characters, cut behind a line, else behind a space; null where there is neither. */
export function cut(text: string): string[] | null {
  const parts: string[] = [];
  let at = 0;
  while (text.length - at > RUN) {
    const part = text.slice(at, at + RUN);
    const end = (part.lastIndexOf("\n") + 1 || part.lastIndexOf(" ") + 1) + at;
    if (end === at) return null;
    parts.push(text.slice(at, end));
    at = end;
  }
  return [...parts, text.slice(at)];
}

/** As much of `text` as one block may be made of, up to the end of a line or a word. */
export function near(text: string, most = WINDOW): string {
  if (text.length <= most) return text;
  const part = text.slice(0, most);
  const end = part.lastIndexOf("\n") + 1 || part.lastIndexOf(" ") + 1 || most;
  return text.slice(0, /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end);
}
