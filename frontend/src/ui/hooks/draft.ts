// What is written and not yet sent, kept for each conversation through reloads.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Page } from "../../page";

export interface Draft {
  text: Signal<string>;
  write(text: string): void;
  /** Empties the composer only: the page gives the draft up when the message is stored. */
  clear(): void;
}

export function useDraft({ drafts, view, attempt }: Page, conversationId: string): Draft {
  const text = useSignal("");
  const clear = () => {
    text.value = "";
  };
  const write = (words: string) => {
    text.value = words;
    attempt(drafts.write(conversationId, words));
  };
  useEffect(() => {
    let current = true;
    text.value = "";
    const load = async () => {
      const kept = await drafts.read(conversationId);
      if (current && !text.value) text.value = kept;
    };
    attempt(load());
    return () => {
      current = false;
    };
  }, [conversationId]);
  useEffect(() => {
    const { value } = view.suggestion;
    if (value) write(text.value.trim() ? `${text.value}\n\n${value}` : value);
    view.suggestion.value = "";
  }, [view.suggestion.value]);
  return { text, write, clear };
}
