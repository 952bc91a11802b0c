// marked's lexer with an end to depth, size and time of each block: what goes beyond becomes plain text.
import { Lexer, type Token, type Tokens, type TokensList } from "marked";
import { Budget, type Spent } from "./budget";
import { cut, DEPTH, FREE, PIECES, RUN } from "./limits";

/** Words that are shown as they were written. */
export function plain(text: string): Token {
  return { type: "plain", raw: text, text };
}

/** A block that is shown as it was written. */
export function plainBlock(text: string): Token {
  return { type: "paragraph", raw: text, text, tokens: [plain(text.replace(/\n+$/, ""))] };
}

/** A link definition; one that nothing refers to is shown, or its words would be lost. */
export type Definition = Tokens.Def & { unused?: boolean };

interface Block {
  pieces: number;
  spent: Spent;
}

export class BoundedLexer extends Lexer {
  private depth = 0;
  private readonly budget = new Budget();
  private readonly blocks = new Map<number, Block>();
  private readonly blockOf = new WeakMap<Token[], number>();
  private readonly referred = new Set<string>();
  private readonly definitions: Definition[] = [];
  private links: TokensList["links"] | undefined;

  override lex(text: string): TokensList {
    this.blockTokens(text.replace(/\r\n|\r/g, "\n"), this.tokens);
    for (const [at, block] of this.blocks) if (block.pieces > PIECES) this.giveUp(at);
    for (const { src, tokens } of this.inlineQueue) this.readRun(src, tokens);
    this.inlineQueue = [];
    for (const each of this.definitions) each.unused = !this.referred.has(each.tag);
    return this.tokens;
  }

  /** What links are defined; whoever looks one up uses it. */
  get known(): TokensList["links"] {
    this.links ??= new Proxy(this.tokens.links, {
      get: (links, name) => {
        this.referred.add(String(name));
        return links[String(name)];
      },
    });
    return this.links;
  }

  defined(definition: Definition): void {
    this.definitions.push(definition);
  }

  override blockTokens(text: string, tokens?: Token[], last?: boolean): Token[];
  override blockTokens(text: string, tokens?: TokensList, last?: boolean): TokensList;
  override blockTokens(
    text: string,
    tokens: Token[] | TokensList = [],
    last?: boolean,
  ): Token[] | TokensList {
    if (this.depth > 0) this.budget.count(text.length);
    if (this.depth > 0 && (this.depth >= DEPTH || this.budget.isOver)) {
      tokens.push({ type: "text", raw: text, text, tokens: [plain(text)] });
      return tokens;
    }
    this.depth++;
    try {
      return super.blockTokens(text, tokens, last);
    } finally {
      this.depth--;
    }
  }

  /** Called before each block; the clock starts with the outermost. */
  began(): void {
    if (this.depth === 1) this.budget.open();
  }

  override inline(text: string, tokens: Token[] = []): Token[] {
    this.blockOf.set(tokens, this.tokens.length);
    this.block(this.tokens.length).pieces++;
    return super.inline(text, tokens);
  }

  override inlineTokens(text: string, tokens: Token[] = []): Token[] {
    if (this.depth >= DEPTH) return this.asPlain(text, tokens);
    this.depth++;
    try {
      return super.inlineTokens(text, tokens);
    } finally {
      this.depth--;
    }
  }

  /** Called before each word, sign and link, with what is still to be read. Throws TooDear. */
  tick(length: number): void {
    this.budget.check(length);
  }

  private readRun(text: string, tokens: Token[]): void {
    const { pieces, spent } = this.block(this.blockOf.get(tokens) ?? -1);
    if (pieces > PIECES) return;
    const parts = text.length > RUN ? cut(text) : [text];
    if (text.length > RUN) spent.work += FREE; // long runs are never little work
    this.budget.within(spent, () => {
      if (!parts || this.budget.isOver) this.asPlain(text, tokens);
      else for (const part of parts) this.readPart(part, tokens);
    });
  }

  private readPart(text: string, tokens: Token[]): void {
    const before = tokens.length;
    try {
      this.inlineTokens(text, tokens);
    } catch {
      tokens.length = before; // whatever the parser trips over: the words are what counts
      this.asPlain(text, tokens);
    }
  }

  private asPlain(text: string, tokens: Token[]): Token[] {
    tokens.push(plain(text));
    return tokens;
  }

  private giveUp(at: number): void {
    const token = this.tokens[at];
    if (token) this.tokens[at] = plainBlock(token.raw);
  }

  private block(at: number): Block {
    const known = this.blocks.get(at) ?? { pieces: 0, spent: { work: 0, ms: 0 } };
    this.blocks.set(at, known);
    return known;
  }
}
