// What a program will read, for a person who decides on it: signs that are not seen, or turn the others around, are named.

/** Controls, all spaces but the plain one, and what takes no room or looks like nothing. */
const UNSEEN = /((?:[^\P{C}\n\t]|[^\S \n\t]|[\p{Default_Ignorable_Code_Point}\u2800])+)/u;

/** The text in pieces: every second one names signs that are not seen. */
export function visible(text: string): string[] {
  return text.split(UNSEEN).map((piece, at) => (at % 2 ? [...piece].map(named).join("") : piece));
}

function named(sign: string): string {
  return `\\u{${sign.codePointAt(0)?.toString(16)}}`;
}
