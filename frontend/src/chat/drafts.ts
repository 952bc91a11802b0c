// What is written and not yet sent, for each conversation. What the store refuses is kept here while the page is open.
import type { DraftStore } from "../store/store";
import { clean } from "../wire/message";

export class Drafts {
  private readonly unstored = new Map<string, string>();
  private readonly writes = new Map<string, number>();

  constructor(private readonly store: DraftStore) {}

  async read(conversationId: string): Promise<string> {
    return this.unstored.get(conversationId) ?? (await this.store.draft(conversationId));
  }

  async write(conversationId: string, text: string): Promise<void> {
    this.unstored.set(conversationId, text);
    this.writes.set(conversationId, this.written(conversationId) + 1);
    await this.store.keepDraft(conversationId, text);
    if (this.unstored.get(conversationId) === text) this.unstored.delete(conversationId);
  }

  /** `text` is safe elsewhere: it is no draft any more, unless something was written since. */
  async used(conversationId: string, text: string): Promise<void> {
    const written = this.written(conversationId);
    const draft = await this.read(conversationId);
    if (written === this.written(conversationId) && draft && clean(draft).trim() === text)
      await this.write(conversationId, "");
  }

  private written(conversationId: string): number {
    return this.writes.get(conversationId) ?? 0;
  }
}
