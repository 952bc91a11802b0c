// What is written and not yet sent, kept for each conversation through reloads.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Page } from "../../page";

export interface Draft {
  text: Signal<string>;
  write(text: string): void;
}

export function useDraft(page: Page, conversationId: string): Draft {
  const text = useSignal("");
  const write = (words: string) => {
    text.value = words;
    page.cupboard.keepDraft(conversationId, words).catch((error) => page.trouble(error));
  };
  useEffect(() => {
    let current = true;
    text.value = "";
    page.cupboard.draft(conversationId).then(
      (kept) => {
        if (current && !text.value) text.value = kept;
      },
      (error) => page.trouble(error),
    );
    return () => {
      current = false;
    };
  }, [conversationId]);
  useEffect(() => {
    if (page.suggestion.value) write(page.suggestion.value);
    page.suggestion.value = "";
  }, [page.suggestion.value]);
  return { text, write };
}
