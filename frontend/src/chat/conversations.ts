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
  readonly sorted = computed(() => [...this.known.value].filter((c) => !c.archived).sort(order));
  private readonly lastRead = signal<Record<string, number>>({});

  constructor(
    private readonly api: ConversationsApi,
    private readonly store: LastReadStore,
    private readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    const known = await this.api.conversations();
    this.readAgain();
    const first = known.filter((one) => !(one.id in this.lastRead.value));
    if (!this.loaded.value) this.remember(Object.fromEntries(first.map((one) => [one.id, one.lastSeq])));
    this.known.value = known;
    this.loaded.value = true;
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

  private remember(seqs: Record<string, number>): void {
    this.lastRead.value = { ...this.store.read(), ...seqs };
    this.store.write(this.lastRead.value);
  }
}

function order(a: Conversation, b: Conversation): number {
  return Number(b.pinned) - Number(a.pinned) || b.lastAt.localeCompare(a.lastAt);
}
