// Enter in a field in which an input method may compose.
import { useRef } from "preact/hooks";
import { Composing } from "../composing";

/** The newest `send` is called, also by an Enter that waits for the end of a syllable. */
export function useComposing(send: () => void): Composing {
  const newest = useRef(send);
  newest.current = send;
  const composing = useRef<Composing | null>(null);
  composing.current ??= new Composing(
    () => newest.current(),
    (job) => void setTimeout(job, 0),
  );
  return composing.current;
}
