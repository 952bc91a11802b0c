// The message that a search leads to: what lies before it is loaded and drawn until it is there.
import { useEffect } from "preact/hooks";
import type { OpenConversation } from "../../chat/conversation";
import type { Turn } from "../../chat/turns";
import { usePage } from "./page";
import type { Scrolling } from "./scroll";
import type { Shown } from "./window";

/** `all`: the turns that are held. */
export function useGoal(
  conversation: OpenConversation,
  all: readonly Turn[],
  shown: Shown,
  scrolling: Scrolling,
): void {
  const page = usePage();
  const { goal } = page.view;
  const { value } = goal;
  const waits = conversation.loadsEarlier.value || conversation.loading.value !== "loaded";
  const giveUp = (error: unknown) => {
    goal.value = null;
    page.report(error);
  };
  useEffect(() => {
    if (value?.conversationId !== conversation.id || waits) return;
    const found = scrolling.box.current?.querySelector<HTMLElement>(`[data-seq="${value.seq}"]`);
    if (found) {
      goal.value = null;
      point(found);
    } else if (shown.hides && all.some((turn) => seqs(turn).includes(value.seq))) shown.more(all.length);
    else if (conversation.earlier.value !== null && begin(all) > value.seq)
      conversation.loadEarlier().catch(giveUp);
    else goal.value = null; // it is gone, or cannot be drawn
  });
}

function point(found: HTMLElement): void {
  found.scrollIntoView({ block: "center", behavior: "instant" });
  found.classList.add("found");
  found.tabIndex = -1;
  found.focus({ preventScroll: true });
  found.addEventListener("blur", () => found.classList.remove("found"), { once: true });
}

/** The number of the oldest entry that is held. */
function begin(all: readonly Turn[]): number {
  return Math.min(...all.flatMap(seqs));
}

function seqs(turn: Turn): number[] {
  return turn.items.flatMap((item) => ("entry" in item && item.entry ? [item.entry.seq] : []));
}
