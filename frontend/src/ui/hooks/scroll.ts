// A box that grows at its end, with its scroll position kept where the person wants it.
import { type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Scroll } from "../scroll";

export interface Scrolling {
  box: { current: HTMLElement | null };
  content: { current: HTMLDivElement | null };
  scroll: { current: Scroll | null };
  /** The end is out of sight. */
  away: Signal<boolean>;
  scrolled(): void;
  touched(): void;
}

/** Brings the anchored turn to the top whenever `anchor` is another object, if it is `shown`. */
export function useScroll(shown: boolean, anchor: object): Scrolling {
  const box = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const scroll = useRef<Scroll | null>(null);
  const away = useSignal(false);
  useLayoutEffect(() => {
    if (!box.current || !content.current) return;
    const kept = new Scroll(box.current);
    scroll.current = kept;
    const watch = new ResizeObserver(() => {
      kept.grown();
      away.value = kept.isAway;
    });
    watch.observe(box.current);
    watch.observe(content.current);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (shown) scroll.current?.raise();
  }, [shown, anchor]);
  const scrolled = () => {
    scroll.current?.scrolled();
    away.value = scroll.current?.isAway ?? false;
  };
  return { box, content, scroll, away, scrolled, touched: () => scroll.current?.touched() };
}
