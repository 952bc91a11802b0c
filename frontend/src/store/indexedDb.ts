// The browser's own database: letters on their way and drafts, shared by all tabs of one person.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Letter, LetterBox } from "./store";

interface Shelves extends DBSchema {
  outbox: { key: string; value: Letter };
  drafts: { key: string; value: string };
}

/** Where a person's letters and drafts are kept. */
export interface Keeping extends LetterBox {
  draft(conversationId: string): Promise<string>;
  keepDraft(conversationId: string, text: string): Promise<void>;
}

export class Cupboard implements Keeping {
  private constructor(private readonly shelves: IDBPDatabase<Shelves>) {}

  /** One database per person: whoever signs in next on this device sees nothing of the last one. */
  static async open(userId: string): Promise<Cupboard> {
    const shelves = await openDB<Shelves>(`openclaw-${userId}`, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("outbox", { keyPath: "id" });
        fresh.createObjectStore("drafts");
      },
    });
    return new Cupboard(shelves);
  }

  all(): Promise<Letter[]> {
    return this.shelves.getAll("outbox");
  }

  async put(letter: Letter): Promise<void> {
    await this.shelves.put("outbox", letter);
  }

  async remove(id: string): Promise<void> {
    await this.shelves.delete("outbox", id);
  }

  async draft(conversationId: string): Promise<string> {
    return (await this.shelves.get("drafts", conversationId)) ?? "";
  }

  async keepDraft(conversationId: string, text: string): Promise<void> {
    if (text) await this.shelves.put("drafts", text, conversationId);
    else await this.shelves.delete("drafts", conversationId);
  }
}
