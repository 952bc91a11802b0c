// An address that leads out of the page: where it really goes, and whether its words say so.

export interface Outside {
  /** Whole, as the browser asks for it: the host's name in ASCII. */
  readonly href: string;
  /** With the port, if it has one; of a mail, whom it goes to. */
  readonly host: string;
  readonly kind: "https" | "http" | "mail";
  /** The name has letters of other scripts, which may look like others. */
  readonly isCoded: boolean;
}

const SCHEME = /^(?:https?:\/\/|mailto:)/i;
const CODED = /(?:^|\.)xn--/;
/** Spaces, signs that nobody sees, entities, and scripts that turn the direction of what stands beside them. */
const UNCLEAR = /[\s\p{C}\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|&[#\w]+;/u;

/** Null for whatever is no link here; a name or a password before the host is only there to mislead. */
export function readOutside(href: string): Outside | null {
  if (!SCHEME.test(href) || !URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.username || url.password) return null;
  const kind = url.protocol === "https:" ? "https" : url.protocol === "http:" ? "http" : "mail";
  const host = kind === "mail" ? url.pathname : url.host;
  return { href: url.href, host, kind, isCoded: kind !== "mail" && CODED.test(host) };
}

/** Is what stands there the address itself, or begins as it does? */
export function namesHost(text: string, { host, kind }: Outside): boolean {
  if (UNCLEAR.test(text)) return false;
  const bare = text.replace(kind === "mail" ? /^mailto:/i : /^https?:\/\//i, "");
  const named = bare.split(kind === "mail" ? /\?/ : /[/?#]/, 1)[0] ?? "";
  return named.toLowerCase() === host.toLowerCase();
}
