// The browser's own database: messages on their way and drafts, shared by all tabs of one person.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { type OutboxMessage, type PageStore, StoreError } from "./store";

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxMessage };
  drafts: { key: string; value: string };
}

export class IndexedDbStore implements PageStore {
  private constructor(private readonly database: IDBPDatabase<Schema>) {}

  /** One database per person: whoever signs in next on this device sees nothing of the last one. */
  static async open(userId: string): Promise<IndexedDbStore> {
    const opened = openDB<Schema>(`openclaw-${userId}`, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("outbox", { keyPath: "id" });
        fresh.createObjectStore("drafts");
      },
    });
    return new IndexedDbStore(await attempt(() => opened));
  }

  all(): Promise<OutboxMessage[]> {
    return attempt(() => this.database.getAll("outbox"));
  }

  async put(message: OutboxMessage): Promise<void> {
    await attempt(() => this.database.put("outbox", message));
  }

  remove(id: string): Promise<void> {
    return attempt(() => this.database.delete("outbox", id));
  }

  async draft(conversationId: string): Promise<string> {
    return (await attempt(() => this.database.get("drafts", conversationId))) ?? "";
  }

  async keepDraft(conversationId: string, text: string): Promise<void> {
    if (text) await attempt(() => this.database.put("drafts", text, conversationId));
    else await attempt(() => this.database.delete("drafts", conversationId));
  }

  async clear(): Promise<void> {
    await attempt(() => Promise.all([this.database.clear("outbox"), this.database.clear("drafts")]));
  }
}

/** The browser's many errors (quota, closed, blocked) are one to us. */
async function attempt<T>(job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    throw new StoreError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
