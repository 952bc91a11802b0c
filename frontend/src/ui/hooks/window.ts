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
  more(count?: number): void;
}

/** What is drawn begins at the same turn, whatever comes below it or is loaded above. */
export function useWindow(turns: readonly Turn[]): Shown {
  const first = useRef("");
  const wanted = useRef(0); // turns to draw above the first one, when next drawn
  const asked = useSignal(0);
  const at = turns.findIndex((turn) => turn.key === first.current);
  const from = at < 0 ? turns.length - FIRST : at - (asked.value && wanted.current);
  const begin = Math.max(0, from);
  first.current = turns[begin]?.key ?? "";
  wanted.current = 0;
  return {
    turns: turns.slice(begin),
    hides: begin > 0,
    more: (count = MORE) => {
      wanted.current = count;
      asked.value += 1;
    },
  };
}
