// Markdown to HTML that is safe by itself: no raw HTML, three kinds of links, and images only as links to them.
import { Marked, Renderer, type Token, type Tokens, type TokensList } from "marked";
import { BoundedLexer, type Definition } from "./lexer";
import { math } from "./math";
import { namesHost, readOutside } from "./outside";
import { PageTokenizer } from "./tokenizer";

const ADDRESS = /^(?:https?:\/\/|mailto:)/i;
const PLAIN = ["text", "escape", "codespan"];

function quote(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** `inner` leads to `href`; where its `text` does not say whose that is, the host stands beside it. */
function anchor(href: string, inner: string, text: string, name = ""): string {
  const outside = readOutside(href);
  if (!outside) return inner === quote(href) ? inner : `${inner} (${quote(href)})`;
  const mark = name ? ` class="${name}"` : "";
  const link = `<a${mark} href="${quote(href)}" target="_blank" rel="noopener noreferrer">${inner}</a>`;
  return namesHost(text, outside) ? link : `${link} <bdi class="host">(${quote(outside.host)})</bdi>`;
}

/** What is seen of them, "" where more than plain words is. */
function textOf(tokens: readonly Token[]): string {
  return tokens.every(({ type }) => PLAIN.includes(type))
    ? tokens.map((token) => ("text" in token ? token.text : "")).join("")
    : "";
}

class SafeRenderer extends Renderer {
  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return quote(text);
  }

  /** The page's own heading is the first; an answer's begin below it. */
  override heading({ tokens, depth }: Tokens.Heading): string {
    const level = Math.min(6, depth + 1);
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
  }

  override link({ href, tokens }: Tokens.Link): string {
    const inner = this.parser.parseInline(tokens);
    if (!ADDRESS.test(href)) return inner || quote(href);
    return inner ? anchor(href, inner, textOf(tokens)) : anchor(href, quote(href), href);
  }

  /** Loading an image tells its server something, and a model may have been talked into choosing the address. */
  override image({ href, text }: Tokens.Image): string {
    const label = quote(text);
    if (!ADDRESS.test(href)) return label;
    return anchor(href, `${label ? `${label} · ` : ""}${quote(href)}`, href, "image");
  }

  override code({ text, lang }: Tokens.Code): string {
    const language = /^[\w+#.-]+/.exec(lang ?? "")?.[0] ?? "";
    return `<pre data-language="${quote(language)}"><code>${quote(text)}\n</code></pre>\n`;
  }

  /** A sign instead of a disabled field, which would need a label of its own. */
  override checkbox({ checked }: Tokens.Checkbox): string {
    return `<span class="task">${checked ? "☑" : "☐"}</span> `;
  }

  override def({ tag, href, unused }: Definition): string {
    return unused ? `<p>[${quote(tag)}]: ${anchor(href, quote(href), href)}</p>\n` : "";
  }

  override table(token: Tokens.Table): string {
    return `<div class="table">${super.table(token)}</div>`;
  }
}

const marked = new Marked();
marked.use({
  extensions: [
    math.inline,
    math.block,
    { name: "plain", renderer: ({ text }) => `<span class="plain">${quote(text)}</span>` },
    { name: "math", renderer: ({ text }) => `<span class="math">${quote(text)}</span>` },
    { name: "mathBlock", renderer: ({ text }) => `<p class="math">${quote(text)}</p>\n` },
  ],
});
// `use` would copy own keys only, and methods of a class are none.
marked.setOptions({
  gfm: true,
  breaks: true,
  tokenizer: new PageTokenizer(),
  renderer: new SafeRenderer(),
});

export function lex(text: string): TokensList {
  return new BoundedLexer(marked.defaults).lex(text);
}

export function render(token: Token): string {
  return marked.parser([token]);
}
