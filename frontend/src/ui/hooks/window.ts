// Of a long thread only its end is drawn, and more when it is scrolled to: a conversation of years opens at once.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Turn } from "../../chat/turns";

const FIRST = 12;
const MORE = 20;

export interface Shown {
  turns: readonly Turn[];
  /** Some that are held are not drawn yet. */
  hides: boolean;
  /** Draws more of what is above. */
  more(): void;
}

/** What is drawn begins at the same turn, whatever comes below it or is loaded above. */
export function useWindow(turns: readonly Turn[]): Shown {
  const first = useRef("");
  const extra = useSignal(0);
  const at = turns.findIndex((turn) => turn.key === first.current);
  const from = at < 0 ? Math.max(0, turns.length - FIRST) : at;
  if (at < 0) first.current = turns[from]?.key ?? "";
  const begin = Math.max(0, from - extra.value);
  return {
    turns: turns.slice(begin),
    hides: begin > 0,
    more: () => {
      extra.value += MORE;
    },
  };
}
