// A growing text as blocks: finished ones are frozen, and only the last one is parsed again.
import type { Token } from "marked";
import { lex } from "./markdown";

export interface Block {
  raw: string;
  token: Token;
}

export class Blocks {
  private frozen: Block[] = [];
  private text = "";
  private tailAt = 0;

  /** The blocks of `text`. While it `grows`, text that continues the last one costs only its tail. */
  update(text: string, grows: boolean): Block[] {
    if (!grows) return this.whole(text);
    if (!text.startsWith(this.text)) this.reset();
    this.text = text;
    const tail = toBlocks(text.slice(this.tailAt));
    const settled = tail.slice(0, -1);
    for (const block of settled) this.tailAt += block.raw.length;
    this.frozen = [...this.frozen, ...settled];
    return [...this.frozen, ...tail.slice(-1)];
  }

  /** All of it at once: link references may stand behind their use. Blocks that came out the same stay the same. */
  private whole(text: string): Block[] {
    const before = this.frozen;
    const blocks = toBlocks(text).map((block, at) => (before[at]?.raw === block.raw ? before[at] : block));
    this.frozen = blocks;
    this.text = text;
    this.tailAt = text.length;
    return blocks;
  }

  private reset(): void {
    this.frozen = [];
    this.tailAt = 0;
  }
}

/** Blocks with the blank lines behind them counted in, so that their lengths add up to the text's. */
function toBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const token of lex(text)) {
    const last = blocks.at(-1);
    if (last && token.type === "space") last.raw += token.raw;
    else blocks.push({ raw: token.raw, token });
  }
  return blocks;
}
