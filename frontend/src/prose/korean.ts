// Emphasis next to Hangul, Kana and Han: there is no space before a particle, so `**굵게(강조)**는` must close there.
// The rules are CommonMark's with one change, as https://github.com/tats-u/markdown-cjk-friendly proposes: a character of
// these scripts beside a delimiter counts like a space when the other side is punctuation.
import { Tokenizer, type Tokens } from "marked";
import { addressIn } from "./address";

const CJK = "\\p{scx=Hang}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hani}";
const PUNCT = "(?!\\*)(?!~)[\\p{P}\\p{S}]";
const CHARACTER = "(?:[^\\s\\p{P}\\p{S}]|~)";

/** marked's six cases in its order, because it reads the meaning from the number of the group. */
const CLOSERS = [
  "^[^_*]*?__[^_*]*?\\*[^_*]*?(?=__)",
  "[^*]+(?=[^*])",
  `${PUNCT}(\\*+)(?=[\\s]|$)`,
  `${CHARACTER}(\\*+)(?!\\*)(?=(?!~)[\\s\\p{P}\\p{S}]|$)`,
  `(?!\\*)(?!~)[\\s\\p{P}\\p{S}](\\*+)(?=${CHARACTER})(?!(?<=[\\p{P}\\p{S}]\\*+)[${CJK}])`,
  `[\\s](\\*+)(?!\\*)(?=${PUNCT})`,
  `${PUNCT}(\\*+)(?!\\*)(?=${PUNCT}|[${CJK}])`,
  `${CHARACTER}(\\*+)(?=${CHARACTER})`,
];

const CLOSER = new RegExp(CLOSERS.join("|"), "gu");
const BESIDE = new RegExp(`^((?![*_])[\\s\\p{P}\\p{S}${CJK}])`, "u");

export class KoreanTokenizer extends Tokenizer {
  override emStrong(src: string, masked: string, before?: string): Tokens.Em | Tokens.Strong | undefined {
    this.soften();
    return super.emStrong(src, masked, before);
  }

  /** A bare address; mail addresses are marked's. */
  override url(src: string): Tokens.Link | undefined {
    if (!/^(?:https?:\/\/|www\.)/i.test(src)) return super.url(src);
    const raw = addressIn(src);
    if (!raw) return undefined;
    const href = /^www/i.test(raw) ? `http://${raw}` : raw;
    return { type: "link", raw, text: raw, href, tokens: [{ type: "text", raw, text: raw }] };
  }

  private soften(): void {
    const { inline } = this.rules;
    if (inline.emStrongRDelimAst === CLOSER) return;
    this.rules = { ...this.rules, inline: { ...inline, emStrongRDelimAst: CLOSER, punctuation: BESIDE } };
  }
}
