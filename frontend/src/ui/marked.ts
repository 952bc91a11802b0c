// A text cut where it has one of the words that were looked for.

export interface Part {
  text: string;
  /** One of the words. */
  hit: boolean;
}

/** Whatever their case, and however a system has composed Korean letters. */
export function marked(text: string, words: string): Part[] {
  const split = words.normalize("NFC").split(/\s+/).filter(Boolean);
  const wanted = split.sort((one, other) => other.length - one.length).map(escaped); // "rainfall" before "rain"
  if (!wanted.length) return [{ text, hit: false }];
  const parts = text.normalize("NFC").split(new RegExp(`(${wanted.join("|")})`, "giu"));
  return parts.map((part, at) => ({ text: part, hit: at % 2 === 1 })).filter((part) => part.text);
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
