// Where the browser lets the page store nothing: the same as the cupboard, until the page is left.
import type { Keeping } from "./indexedDb";
import type { Letter } from "./store";

export class Pocket implements Keeping {
  private readonly letters = new Map<string, Letter>();
  private readonly drafts = new Map<string, string>();

  async all(): Promise<Letter[]> {
    return [...this.letters.values()];
  }

  async put(letter: Letter): Promise<void> {
    this.letters.set(letter.id, letter);
  }

  async remove(id: string): Promise<void> {
    this.letters.delete(id);
  }

  async draft(conversationId: string): Promise<string> {
    return this.drafts.get(conversationId) ?? "";
  }

  async keepDraft(conversationId: string, text: string): Promise<void> {
    this.drafts.set(conversationId, text);
  }
}
