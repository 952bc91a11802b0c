// What is written and not yet sent, for each conversation. What the store refuses is kept here while the page is open.
import type { DraftStore } from "../store/store";
import { clean } from "../wire/message";

/** A message as it is sent: the words, and below them what was pasted. */
export function joined(text: string, pasted: string): string {
  const parts = [text.trim(), pasted].filter(Boolean);
  return clean(parts.join("\n\n")).trim();
}

export class Drafts {
  private readonly unstored = new Map<string, string>();
  private readonly writes = new Map<string, number>();

  constructor(private readonly store: DraftStore) {}

  async read(conversationId: string): Promise<string> {
    return this.unstored.get(conversationId) ?? (await this.store.draft(conversationId));
  }

  /** A long text that was pasted: it is kept beside the words, because no text field bears it. */
  readPasted(conversationId: string): Promise<string> {
    return this.read(pastedKey(conversationId));
  }

  writePasted(conversationId: string, text: string): Promise<void> {
    return this.write(pastedKey(conversationId), text);
  }

  async write(conversationId: string, text: string): Promise<void> {
    this.unstored.set(conversationId, text);
    this.writes.set(conversationId, this.written(conversationId) + 1);
    await this.store.keepDraft(conversationId, text);
    if (this.unstored.get(conversationId) === text) this.unstored.delete(conversationId);
  }

  /** `text` is safe elsewhere: it is no draft any more, unless something was written since. */
  async used(conversationId: string, text: string): Promise<void> {
    const written = this.written(conversationId) + this.written(pastedKey(conversationId));
    const draft = await this.read(conversationId);
    const pasted = await this.readPasted(conversationId);
    if (written !== this.written(conversationId) + this.written(pastedKey(conversationId))) return;
    if (!draft && !pasted) return;
    if (joined(draft, pasted) !== text) return;
    if (draft) await this.write(conversationId, "");
    if (pasted) await this.writePasted(conversationId, "");
  }

  private written(conversationId: string): number {
    return this.writes.get(conversationId) ?? 0;
  }
}

function pastedKey(conversationId: string): string {
  return `${conversationId}/pasted`;
}
