// What a text is, the same here and in the cloud (chalicelib/domain/text.py): what is taken out, and when it says nothing.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const DROPPED = /[\0-\x08\v\f\x0e-\x1f\x7f\ufeff]/g;
const BLANK = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]*$/u;

/** What every program on the way takes: no half letters, no controls, no byte order marks. */
export function clean(text: string): string {
  return text.toWellFormed().replace(DROPPED, "");
}

/** Is there nothing that anybody could read? */
export function isEmpty(text: string): boolean {
  return BLANK.test(text);
}
