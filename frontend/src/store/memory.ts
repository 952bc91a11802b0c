// Where the browser lets the page store nothing: kept in memory until the page is left.
import type { OutboxMessage, PageStore } from "./store";

export class MemoryStore implements PageStore {
  private readonly messages = new Map<string, OutboxMessage>();
  private readonly drafts = new Map<string, string>();

  async all(): Promise<OutboxMessage[]> {
    return [...this.messages.values()];
  }

  async put(message: OutboxMessage): Promise<void> {
    this.messages.set(message.id, message);
  }

  async remove(id: string): Promise<void> {
    this.messages.delete(id);
  }

  async draft(conversationId: string): Promise<string> {
    return this.drafts.get(conversationId) ?? "";
  }

  async keepDraft(conversationId: string, text: string): Promise<void> {
    this.drafts.set(conversationId, text);
  }

  async clear(): Promise<void> {
    this.messages.clear();
    this.drafts.clear();
  }
}
