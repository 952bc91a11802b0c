// What the page reads otherwise than marked: a clock that ticks, and definitions that are links and nothing else.
import type { Tokens, TokensList } from "marked";
import { KoreanTokenizer } from "./korean";
import { BoundedLexer, type Definition } from "./lexer";
import { near, WORDS } from "./limits";

const ADDRESS = /^(?:https?:\/\/|mailto:)/i;

export class PageTokenizer extends KoreanTokenizer {
  override space(src: string): Tokens.Space | undefined {
    this.bounded?.began();
    return super.space(src);
  }

  override escape(src: string): Tokens.Escape | undefined {
    this.bounded?.tick(src.length);
    return super.escape(src);
  }

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return super.blockquote(near(src));
  }

  override list(src: string): Tokens.List | undefined {
    return super.list(near(src));
  }

  override html(src: string): Tokens.HTML | undefined {
    return super.html(near(src));
  }

  override table(src: string): Tokens.Table | undefined {
    return super.table(near(src));
  }

  override lheading(src: string): Tokens.Heading | undefined {
    return super.lheading(near(src));
  }

  override paragraph(src: string): Tokens.Paragraph | undefined {
    return super.paragraph(near(src));
  }

  /** `[1]: word` and `[^1]: word` are footnotes and definitions: as links they would not be seen. */
  override def(src: string): Tokens.Def | undefined {
    const token: Definition | undefined = src.startsWith("[^") ? undefined : super.def(near(src));
    if (!token || !ADDRESS.test(token.href)) return undefined;
    this.bounded?.defined(token);
    return token;
  }

  override inlineText(src: string): Tokens.Text | undefined {
    return super.inlineText(near(src, WORDS));
  }

  override reflink(src: string, links: TokensList["links"]): ReturnType<KoreanTokenizer["reflink"]> {
    return super.reflink(src, this.bounded?.known ?? links);
  }

  private get bounded(): BoundedLexer | null {
    return this.lexer instanceof BoundedLexer ? this.lexer : null;
  }
}
