// The list at the side: newest first, pinned above, with a dot where something unread waits.
import { computed, signal } from "@preact/signals";
import type { Api, Conversation } from "../wire/api";

/** What this device has read: the last seq seen in each conversation. */
export interface SeenBook {
  read(): Record<string, number>;
  write(seen: Record<string, number>): void;
}

export type Routes = Pick<Api, "conversations" | "change" | "remove">;

export class Conversations {
  readonly known = signal<readonly Conversation[]>([]);
  readonly loaded = signal(false);
  readonly sorted = computed(() => [...this.known.value].filter((c) => !c.archived).sort(order));
  private readonly seen;

  constructor(
    private readonly routes: Routes,
    private readonly book: SeenBook,
    private readonly changed: () => void,
  ) {
    this.seen = signal(book.read());
  }

  async load(): Promise<void> {
    const known = await this.routes.conversations();
    const first = known.filter((one) => !(one.id in this.seen.value));
    if (!this.loaded.value) this.note(Object.fromEntries(first.map((one) => [one.id, one.lastSeq])));
    this.known.value = known;
    this.loaded.value = true;
  }

  find(id: string): Conversation | undefined {
    return this.known.value.find((one) => one.id === id);
  }

  isUnread(one: Conversation): boolean {
    return one.lastSeq > (this.seen.value[one.id] ?? 0);
  }

  /** Something with this number was committed there. */
  reached(id: string, seq: number, at: string): void {
    this.known.value = this.known.value.map((one) =>
      one.id === id && seq > one.lastSeq ? { ...one, lastSeq: seq, lastAt: at } : one,
    );
  }

  read(id: string, seq: number): void {
    if (seq > (this.seen.value[id] ?? 0)) this.note({ [id]: seq });
  }

  /** Another tab has read something. */
  recall(): void {
    this.seen.value = this.book.read();
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
      await this.routes.remove(id);
    } catch (error) {
      this.known.value = before;
      throw error;
    }
    this.changed();
  }

  async restore(id: string): Promise<void> {
    const back = await this.routes.change(id, { deleted: false });
    this.known.value = [back, ...this.known.value.filter((one) => one.id !== id)];
    this.changed();
  }

  private async patch(id: string, patch: { title?: string; pinned?: boolean }): Promise<void> {
    const before = this.known.value;
    this.known.value = before.map((one) => (one.id === id ? { ...one, ...patch } : one));
    try {
      await this.routes.change(id, patch);
    } catch (error) {
      this.known.value = before;
      throw error;
    }
    this.changed();
  }

  private note(seqs: Record<string, number>): void {
    this.seen.value = { ...this.book.read(), ...seqs };
    this.book.write(this.seen.value);
  }
}

function order(a: Conversation, b: Conversation): number {
  return Number(b.pinned) - Number(a.pinned) || b.lastAt.localeCompare(a.lastAt);
}
