// A growing text as blocks: finished ones are frozen, and only the last one is parsed again.
import type { Token } from "marked";
import { plainBlock } from "./lexer";
import { lex } from "./markdown";

export interface Block {
  raw: string;
  token: Token;
}

const DEAR_MS = 16;
const GROWTH = 1.25;

export class Blocks {
  private frozen: Block[] = [];
  private text = "";
  private tailAt = 0;
  /** A tail that took long: shown as it was until it has grown by a quarter, with what came since as it is written. */
  private dear: { length: number; blocks: Block[] } | null = null;

  /** The blocks of `text`. While it `grows`, text that continues the last one costs only its tail. */
  update(text: string, grows: boolean): Block[] {
    if (!grows) return this.whole(text);
    if (!text.startsWith(this.text)) this.reset();
    this.text = text;
    const tail = this.tail(text.slice(this.tailAt));
    const settled = tail.slice(0, -1);
    if (!this.dear) this.freeze(settled);
    return [...this.frozen, ...(this.dear ? tail : tail.slice(-1))];
  }

  private tail(text: string): Block[] {
    const { dear } = this;
    if (dear && text.length < dear.length * GROWTH) return [...dear.blocks, ...rest(text.slice(dear.length))];
    const began = performance.now();
    const blocks = toBlocks(text);
    const tookLong = performance.now() - began > DEAR_MS && blocks.length === 1;
    this.dear = tookLong ? { length: text.length, blocks } : null;
    return blocks;
  }

  private freeze(settled: Block[]): void {
    for (const block of settled) this.tailAt += block.raw.length;
    this.frozen = [...this.frozen, ...settled];
  }

  /** All of it at once: link references may stand behind their use. Blocks that came out the same stay the same. */
  private whole(text: string): Block[] {
    const before = this.frozen;
    const blocks = readWhole(text).map((block, at) => (before[at]?.raw === block.raw ? before[at] : block));
    this.frozen = blocks;
    this.text = text;
    this.tailAt = text.length;
    return blocks;
  }

  private reset(): void {
    this.frozen = [];
    this.tailAt = 0;
    this.dear = null;
  }
}

function rest(text: string): Block[] {
  return text ? [{ raw: text, token: plainBlock(text) }] : [];
}

/** What was read of whole texts: coming back to a conversation reads nothing again. */
const known = new Map<string, Block[]>();
const KNOWN = 200;

function readWhole(text: string): Block[] {
  const blocks = known.get(text) ?? toBlocks(text);
  known.delete(text);
  known.set(text, blocks);
  for (const oldest of known.keys()) {
    if (known.size <= KNOWN) break;
    known.delete(oldest);
  }
  return blocks;
}

/** Blocks with the blank lines behind them counted in, so that their lengths add up to the text's. */
function toBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const token of read(text)) {
    const last = blocks.at(-1);
    if (last && token.type === "space") last.raw += token.raw;
    else blocks.push({ raw: token.raw, token });
  }
  return blocks;
}

/** Where the parser fails, the paragraph it fails at is shown as it is written. */
function read(text: string): Token[] {
  try {
    return lex(text);
  } catch {
    return text.split(/(?<=\n\n)/).flatMap(readPart);
  }
}

function readPart(text: string): Token[] {
  try {
    return lex(text);
  } catch {
    return [plainBlock(text)];
  }
}
