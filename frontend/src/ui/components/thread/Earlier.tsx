// The way to what was said before: by scrolling there, or by a button.
import { useEffect, useRef } from "preact/hooks";
import type { OpenConversation } from "../../../chat/conversation";
import { words } from "../../../words/words";
import { usePage } from "../../hooks/page";
import type { Scrolling } from "../../hooks/scroll";
import type { Shown } from "../../hooks/window";

const AHEAD = "800px 0px 0px"; // above the top: what is read next is there before it is needed

interface EarlierProps {
  conversation: OpenConversation;
  shown: Shown;
  scrolling: Scrolling;
}

export function Earlier({ conversation, shown, scrolling }: EarlierProps) {
  const page = usePage();
  const loads = useRef(false);
  const failed = useRef(false);
  const more = async () => {
    if (loads.current) return;
    loads.current = true;
    const get = shown.hides ? Promise.resolve() : conversation.loadEarlier();
    await get.finally(() => {
      loads.current = false;
    });
    scrolling.scroll.current?.holding(shown.more);
  };
  const load = async () => {
    failed.current = true;
    await more();
    failed.current = false;
  };
  const run = () => page.attempt(load());
  if (!shown.hides && conversation.earlier.value === null) return null;
  const step = `${shown.turns.length} ${shown.hides}`;
  return <Button run={run} byItself={() => failed.current || run()} box={scrolling.box} step={step} />;
}

interface ButtonProps {
  run(): void;
  byItself(): void;
  box: { current: HTMLElement | null };
  /** What is drawn by now: if that was too little to move the button out of sight, it is seen once more. */
  step: string;
}

function Button({ run, byItself, box, step }: ButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const newest = useRef(byItself);
  newest.current = byItself;
  useEffect(() => {
    if (!button.current) return;
    const seen = (entries: IntersectionObserverEntry[]) => entries.at(-1)?.isIntersecting && newest.current();
    const watch = new IntersectionObserver(seen, { root: box.current, rootMargin: AHEAD });
    watch.observe(button.current);
    return () => watch.disconnect();
  }, [step]);
  return (
    <button type="button" class="earlier" ref={button} onClick={run}>
      {words.value.earlier}
    </button>
  );
}
