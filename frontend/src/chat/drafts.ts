// What is written and not yet sent, for each conversation. What the store refuses is kept here as long as the page is open.
import type { DraftStore } from "../store/store";

export class Drafts {
  private readonly unstored = new Map<string, string>();

  constructor(private readonly store: DraftStore) {}

  async read(conversationId: string): Promise<string> {
    return this.unstored.get(conversationId) ?? (await this.store.draft(conversationId));
  }

  async write(conversationId: string, text: string): Promise<void> {
    this.unstored.set(conversationId, text);
    await this.store.keepDraft(conversationId, text);
    if (this.unstored.get(conversationId) === text) this.unstored.delete(conversationId);
  }

  /** `text` is safe elsewhere: it is no draft any more, unless something else was written since. */
  async used(conversationId: string, text: string): Promise<void> {
    const stored = await this.read(conversationId);
    const newest = this.unstored.get(conversationId) ?? stored;
    if (newest && newest.trim() === text) await this.write(conversationId, "");
  }
}
