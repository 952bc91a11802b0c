// The list at the side: newest first, pinned above, with a dot where something unread waits.
import { computed, signal } from "@preact/signals";
import type { Api, Conversation } from "../wire/api";

/** What was read on this device: the last seq seen in each conversation. */
export interface LastReadStore {
  read(): Record<string, number>;
  write(lastRead: Record<string, number>): void;
}

export type ConversationsApi = Pick<Api, "conversations" | "change" | "remove">;

export class Conversations {
  readonly known = signal<readonly Conversation[]>([]);
  readonly loaded = signal(false);
  /** The mark of the next page; null when all are here. */
  readonly after = signal<string | null>(null);
  readonly sorted = computed(() => [...this.known.value].filter((c) => !c.archived).sort(order));
  private readonly lastRead = signal<Record<string, number>>({});

  constructor(
    private readonly api: ConversationsApi,
    private readonly store: LastReadStore,
    private readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    const page = await this.api.conversations();
    this.readAgain();
    if (!this.loaded.value) this.meet(page.conversations);
    const older = page.after === null ? [] : this.behind(page.conversations);
    this.known.value = [...page.conversations, ...older];
    if (!older.length) this.after.value = page.after;
    this.loaded.value = true;
  }

  /** The next page; nothing when all are here. */
  async loadMore(): Promise<void> {
    const after = this.after.value;
    if (after === null) return;
    const page = await this.api.conversations(after);
    if (this.after.value !== after) return; // asked for twice
    const here = new Set(this.known.value.map((one) => one.id));
    const more = page.conversations.filter((one) => !here.has(one.id));
    this.meet(more);
    this.known.value = [...this.known.value, ...more];
    this.after.value = page.after;
  }

  find(id: string): Conversation | undefined {
    return this.known.value.find((one) => one.id === id);
  }

  isUnread(one: Conversation): boolean {
    return one.lastSeq > (this.lastRead.value[one.id] ?? 0);
  }

  /** Something with this number was committed there. */
  reached(id: string, seq: number, at: string): void {
    this.known.value = this.known.value.map((one) =>
      one.id === id && seq > one.lastSeq ? { ...one, lastSeq: seq, lastAt: at } : one,
    );
  }

  read(id: string, seq: number): void {
    if (seq > (this.lastRead.value[id] ?? 0)) this.remember({ [id]: seq });
  }

  /** Another tab has read something. */
  readAgain(): void {
    this.lastRead.value = this.store.read();
  }

  rename(id: string, title: string): Promise<void> {
    return this.patch(id, { title });
  }

  pin(id: string, pinned: boolean): Promise<void> {
    return this.patch(id, { pinned });
  }

  async remove(id: string): Promise<void> {
    const before = this.known.value;
    this.known.value = before.filter((one) => one.id !== id);
    try {
      await this.api.remove(id);
    } catch (error) {
      this.known.value = before;
      throw error;
    }
    this.changed();
  }

  async restore(id: string): Promise<void> {
    const back = await this.api.change(id, { deleted: false });
    this.known.value = [back, ...this.known.value.filter((one) => one.id !== id)];
    this.changed();
  }

  private async patch(id: string, patch: { title?: string; pinned?: boolean }): Promise<void> {
    const before = this.known.value;
    this.known.value = before.map((one) => (one.id === id ? { ...one, ...patch } : one));
    try {
      await this.api.change(id, patch);
    } catch (error) {
      this.known.value = before;
      throw error;
    }
    this.changed();
  }

  /** What was there before this device knew of it is no news. */
  private meet(these: readonly Conversation[]): void {
    const first = these.filter((one) => !(one.id in this.lastRead.value));
    this.remember(Object.fromEntries(first.map((one) => [one.id, one.lastSeq])));
  }

  /** What was loaded behind the first page, which is here anew. */
  private behind(page: readonly Conversation[]): Conversation[] {
    const last = page.at(-1);
    const here = new Set(page.map((one) => one.id));
    return this.known.value.filter((one) => last && !here.has(one.id) && order(last, one) <= 0);
  }

  private remember(seqs: Record<string, number>): void {
    this.lastRead.value = { ...this.store.read(), ...seqs };
    this.store.write(this.lastRead.value);
  }
}

function order(a: Conversation, b: Conversation): number {
  return Number(b.pinned) - Number(a.pinned) || b.lastAt.localeCompare(a.lastAt);
}
