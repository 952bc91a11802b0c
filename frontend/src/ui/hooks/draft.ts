// What is written and not yet sent, kept for each conversation through reloads.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Page } from "../../page";

export interface Draft {
  text: Signal<string>;
  /** A long text that was pasted, "" where there is none. */
  pasted: Signal<string>;
  write(text: string): void;
  paste(text: string): void;
  /** Empties the composer only: the page gives the draft up when the message is stored. */
  clear(): void;
}

export function useDraft(page: Page, conversationId: string): Draft {
  const { drafts, view, attempt } = page;
  const text = useSignal("");
  const pasted = useSignal("");
  const clear = () => {
    text.value = "";
    pasted.value = "";
  };
  const write = (words: string) => {
    text.value = words;
    attempt(drafts.write(conversationId, words));
  };
  const paste = (words: string) => {
    pasted.value = words;
    attempt(drafts.writePasted(conversationId, words));
  };
  useKept(page, conversationId, { text, pasted, write, paste, clear });
  useEffect(() => {
    const { value } = view.suggestion;
    if (value) write(text.value.trim() ? `${text.value}\n\n${value}` : value);
    view.suggestion.value = "";
  }, [view.suggestion.value]);
  return { text, pasted, write, paste, clear };
}

/** Another conversation has another draft; what is written while it is read counts more. */
function useKept({ drafts, attempt }: Page, conversationId: string, { text, pasted, clear }: Draft): void {
  useEffect(() => {
    let current = true;
    clear();
    const load = async () => {
      const [kept, keptPasted] = [await drafts.read(conversationId), await drafts.readPasted(conversationId)];
      if (current && !text.value) text.value = kept;
      if (current && !pasted.value) pasted.value = keptPasted;
    };
    attempt(load());
    return () => {
      current = false;
    };
  }, [conversationId]);
}
