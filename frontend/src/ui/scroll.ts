// Where the thread stands: how far from its end, and how a sent message gets to the top.
import type { Item } from "../chat/transcript";

export interface Turn {
  key: string;
  items: Item[];
}

/** A user's message and all that came of it. */
export function groups(shown: readonly Item[]): Turn[] {
  const turns: Turn[] = [];
  for (const item of shown) {
    const last = turns.at(-1);
    if (last && item.kind !== "user" && item.kind !== "letter") last.items.push(item);
    else turns.push({ key: item.key, items: [item] });
  }
  return turns;
}

export function distance(box: HTMLElement | null): number {
  return box ? box.scrollHeight - box.scrollTop - box.clientHeight : 0;
}

export function toEnd(box: HTMLElement | null, smooth = false): void {
  box?.scrollTo({ top: box.scrollHeight, behavior: smooth ? motion() : "instant" });
}

/** The anchored turn is as high as the box, so the end of the box is that turn at the top. */
export function raise(box: HTMLElement | null): void {
  const turn = box?.querySelector<HTMLElement>(".anchored");
  if (box && turn) box.scrollTo({ top: turn.offsetTop - box.offsetTop, behavior: motion() });
}

function motion(): ScrollBehavior {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}
