// Nothing sent is lost: messages are stored, sent one by one in order, and leave the outbox only with their ack.
import { signal } from "@preact/signals";
import type { After } from "../ports";
import { type OutboxMessage, type OutboxStore, StoreError } from "../store/store";
import type { Attachment } from "../wire/attachment";
import type { Ack, ClientFrame, Refusal } from "../wire/protocol";

export const ACK_MS = 15_000;

export interface OutboxPorts {
  store: OutboxStore;
  send(frame: ClientFrame): boolean;
  /** No ack came in time: the connection is dead, or takes nothing in. */
  ackTimedOut(): void;
  /** Runs `job` while no other tab does. */
  withLock(job: () => Promise<void>): Promise<void>;
  /** The other tabs have to read the store again. */
  changed(): void;
  /** Sending has failed, and nobody waits for it. */
  failed(error: unknown): void;
  after: After;
  now(): number;
}

type Outcome = "acked" | "refused" | "lost";

export class Outbox {
  readonly messages = signal<readonly OutboxMessage[]>([]);
  /** Conversations that the cloud takes nothing for yet, and until when in milliseconds. */
  readonly held = signal<ReadonlyMap<string, number>>(new Map());
  private readonly unstored = new Map<string, OutboxMessage>(); // not stored yet, or not at all if the store refuses
  private readonly storing = new Set<string>();
  private flushing = false;
  private again = false;
  private last = 0;
  private waiting: { id: string; end: (outcome: Outcome) => void } | null = null;

  constructor(private readonly ports: OutboxPorts) {}

  /** Reads the store again: at the start, and when another tab has changed it. */
  async refresh(): Promise<void> {
    this.show(await this.ports.store.all());
  }

  /** Resolves when the message is stored. Throws when the store refuses it; it is shown and sent all the same. */
  async post(
    id: string,
    conversationId: string,
    text: string,
    attachments: readonly Attachment[] = [],
  ): Promise<void> {
    this.last = Math.max(this.ports.now(), this.last + 1); // two in one millisecond keep their order
    const files = attachments.length ? { attachments } : {};
    await this.keep({ id, conversationId, text, ...files, writtenAt: this.last });
  }

  /** Sends a refused message again. Throws as `post` does. */
  async retry(id: string): Promise<void> {
    const message = this.find(id);
    if (message) await this.keep({ ...message, refused: undefined });
  }

  /** Throws when the store refuses; the message stays then. */
  async discard(id: string): Promise<void> {
    await this.ports.store.remove(id);
    this.unstored.delete(id);
    await this.settled();
  }

  /** The cloud has it. */
  async acked(ack: Ack): Promise<void> {
    this.unstored.delete(ack.id);
    try {
      await this.ports.store.remove(ack.id);
    } finally {
      this.messages.value = this.messages.value.filter((one) => one.id !== ack.id);
      this.ports.changed();
      this.settle(ack.id, "acked");
    }
  }

  async refused(refusal: Refusal & { id: string }): Promise<void> {
    const message = this.find(refusal.id);
    const { code, message: reason, retryable, retryAfter } = refusal;
    if (message && retryAfter !== undefined) {
      this.hold(message.conversationId, retryAfter * 1000);
      this.settle(refusal.id, "refused");
      return;
    }
    try {
      if (message) await this.save({ ...message, refused: { code, message: reason, retryable } });
      await this.refresh();
    } finally {
      this.ports.changed();
      this.settle(refusal.id, "refused");
    }
  }

  /** The socket has closed: what waits for its ack is sent again on the next one, with the same id. */
  closed(): void {
    this.waiting?.end("lost");
  }

  /** Sends what is not acked. Safe to call at any time, and never throws. */
  async flush(): Promise<void> {
    this.again = true;
    if (this.flushing) return;
    this.flushing = true;
    try {
      while (this.again) {
        this.again = false;
        if (this.due()) await this.ports.withLock(() => this.sendAll());
      }
    } catch (error) {
      this.ports.failed(error);
    } finally {
      this.flushing = false;
    }
  }

  find(id: string): OutboxMessage | undefined {
    return this.messages.value.find((one) => one.id === id);
  }

  /** The conversation waits, so that its messages keep their order; the others go on. */
  private hold(conversationId: string, ms: number): void {
    this.held.value = new Map(this.held.value).set(conversationId, this.ports.now() + ms);
    this.ports.after(ms, () => {
      this.held.value = new Map([...this.held.value].filter(([id]) => id !== conversationId));
      void this.flush();
    });
  }

  /** What is stored, and over it what is not. */
  private show(stored: readonly OutboxMessage[]): void {
    const all = new Map([...stored, ...this.unstored.values()].map((message) => [message.id, message]));
    this.messages.value = [...all.values()].sort((a, b) => a.writtenAt - b.writtenAt);
  }

  private async keep(message: OutboxMessage): Promise<void> {
    await this.save(message).finally(() => this.settled());
  }

  private async save(message: OutboxMessage): Promise<void> {
    this.unstored.set(message.id, message);
    this.storing.add(message.id);
    this.show(this.messages.value);
    try {
      await this.ports.store.put(message);
      if (this.unstored.get(message.id) === message) this.unstored.delete(message.id);
    } finally {
      this.storing.delete(message.id);
    }
  }

  /** The next to be sent; none while it is still on its way into the store. */
  private due(): OutboxMessage | undefined {
    const isNext = (one: OutboxMessage) => !one.refused && !this.held.value.has(one.conversationId);
    const next = this.messages.value.find(isNext);
    return next && !this.storing.has(next.id) ? next : undefined;
  }

  private async sendAll(): Promise<void> {
    await this.refresh().catch(sendFromMemory);
    for (let message = this.due(); message; message = this.due()) {
      if ((await this.deliver(message)) === "lost") return;
    }
  }

  /** One at a time: the next is sent after the ack, so the cloud numbers them in the order they were written. */
  private deliver(message: OutboxMessage): Promise<Outcome> {
    const { id, conversationId, text } = message;
    const files = message.attachments ? { attachments: message.attachments.map((file) => file.id) } : {};
    return new Promise((resolve) => {
      const off = this.ports.after(ACK_MS, () => {
        this.waiting?.end("lost");
        this.ports.ackTimedOut();
      });
      this.waiting = { id, end: (outcome) => this.finish(off, resolve, outcome) };
      if (!this.ports.send({ type: "send", id, conversationId, text, ...files })) this.waiting.end("lost");
    });
  }

  private finish(off: () => void, resolve: (outcome: Outcome) => void, outcome: Outcome): void {
    off();
    this.waiting = null;
    resolve(outcome);
  }

  private settle(id: string, outcome: Outcome): void {
    if (this.waiting?.id === id) this.waiting.end(outcome);
  }

  private async settled(): Promise<void> {
    try {
      await this.refresh();
    } finally {
      this.ports.changed();
      void this.flush();
    }
  }
}

/** A store that cannot be read holds nothing up; whoever stores something hears of it. */
function sendFromMemory(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}
