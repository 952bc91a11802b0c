// Files in the composer: what is pasted and dropped, and a message that waits for its uploads.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { NotAttached } from "../../chat/attachments";
import type { Page } from "../../page";
import type { Attachment } from "../../wire/attachment";
import { fits } from "../../wire/protocol";
import { words } from "../../words/words";

export interface Attaching {
  /** In words for the person: why something is not attached. */
  problem: Signal<string>;
  /** The text becomes a file; false when it cannot. */
  attach(text: string): boolean;
  /** The uploaded files, out of the composer; null while uploads go on: then `send` is called when they are there. */
  take(): Attachment[] | null;
  onPaste(event: ClipboardEvent): void;
  onDrop(event: DragEvent): void;
}

export function useAttaching(page: Page, conversationId: string, send: () => void): Attaching {
  const { attachments } = page;
  const problem = useSignal("");
  const waits = useSignal(false);
  const chips = attachments.of(conversationId);
  const explain = (error: unknown) => {
    if (error instanceof NotAttached) problem.value = words.value.notAttached[error.why];
    else page.report(error);
  };
  const attach = (text: string) => {
    problem.value = "";
    try {
      attachments.add(conversationId, words.value.pastedName, text);
      return true;
    } catch (error) {
      explain(error);
      return false;
    }
  };
  const attachFiles = (files: Iterable<File>) => {
    problem.value = "";
    for (const file of files) attachments.addFile(conversationId, file).catch(explain);
  };
  const take = () => {
    const ready = attachments.ready(conversationId);
    waits.value = !ready && !chips.some((chip) => chip.error);
    if (ready) attachments.clear(conversationId);
    return ready;
  };
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const files = event.clipboardData?.files;
    if (text ? fits(text) : !files?.length) return;
    event.preventDefault();
    if (text) attach(text);
    else if (files) attachFiles(files);
  };
  const onDrop = (event: DragEvent) => {
    const files = event.dataTransfer?.files;
    if (!files?.length) return; // words that are dragged go into the field
    event.preventDefault();
    attachFiles(files);
  };
  useEffect(() => {
    waits.value = false;
    problem.value = "";
    page.attempt(attachments.restore(conversationId));
  }, [conversationId]);
  useEffect(() => {
    if (waits.value && chips.every((chip) => chip.attachment)) {
      waits.value = false;
      if (chips.length) send();
    } else if (chips.some((chip) => chip.error)) waits.value = false;
  }, [chips]);
  return { problem, attach, take, onPaste, onDrop };
}
