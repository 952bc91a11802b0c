// A thread as turns: each a message of the person's and all that came of it.
import type { Item } from "./transcript";

export interface Turn {
  key: string;
  items: Item[];
}

/** A user's message and all that came of it. */
export function groups(shown: readonly Item[]): Turn[] {
  const turns: Turn[] = [];
  for (const item of shown) {
    const last = turns.at(-1);
    if (last && item.kind !== "user" && item.kind !== "outgoing") last.items.push(item);
    else turns.push({ key: item.key, items: [item] });
  }
  return turns;
}
