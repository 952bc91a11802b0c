// Nothing sent is lost: letters are stored, sent one by one in order, and leave only with their ack.
import { signal } from "@preact/signals";
import type { Letter, LetterBox } from "../store/store";
import type { Ack, ClientFrame, Refusal } from "../wire/protocol";

export const ACK_MS = 15_000;

export interface OutboxPorts {
  box: LetterBox;
  send(frame: ClientFrame): boolean;
  /** The line is dead or deaf: no ack came in time. */
  deaf(): void;
  /** Runs `job` while no other tab does. */
  alone(job: () => Promise<void>): Promise<void>;
  /** Tells the other tabs that the box has changed. */
  changed(): void;
  after(ms: number, job: () => void): () => void;
  now(): number;
}

type Outcome = "acked" | "refused" | "lost";

export class Outbox {
  readonly letters = signal<readonly Letter[]>([]);
  private readonly unstored = new Map<string, Letter>(); // not in the box yet, or not at all if it is full
  private readonly storing = new Set<string>();
  private flushing = false;
  private again = false;
  private last = 0;
  private waiting: { id: string; end: (outcome: Outcome) => void } | null = null;

  constructor(private readonly ports: OutboxPorts) {}

  /** Read the box again: at the start, and when another tab has changed it. */
  async refresh(): Promise<void> {
    const stored = await this.ports.box.all();
    const letters = new Map([...stored, ...this.unstored.values()].map((letter) => [letter.id, letter]));
    this.letters.value = [...letters.values()].sort((a, b) => a.writtenAt - b.writtenAt);
  }

  async post(id: string, conversationId: string, text: string): Promise<void> {
    this.last = Math.max(this.ports.now(), this.last + 1); // two in one millisecond keep their order
    const letter = { id, conversationId, text, writtenAt: this.last };
    this.letters.value = [...this.letters.value, letter];
    await this.store(letter).finally(() => this.settled());
  }

  async retry(id: string): Promise<void> {
    const letter = this.letters.value.find((one) => one.id === id);
    if (!letter) return;
    await this.store({ ...letter, refused: undefined }).finally(() => this.settled());
  }

  async discard(id: string): Promise<void> {
    await this.drop(id);
    await this.settled();
  }

  /** Durable from now on. */
  async acked(ack: Ack): Promise<void> {
    try {
      await this.drop(ack.id);
    } finally {
      this.letters.value = this.letters.value.filter((one) => one.id !== ack.id);
      this.ports.changed();
      this.settle(ack.id, "acked");
    }
  }

  async refused(refusal: Refusal & { id: string }): Promise<void> {
    const letter = this.letters.value.find((one) => one.id === refusal.id);
    const { code, message, retryable } = refusal;
    try {
      if (letter) await this.store({ ...letter, refused: { code, message, retryable } });
    } finally {
      await this.refresh();
      this.ports.changed();
      this.settle(refusal.id, "refused");
    }
  }

  /** The socket has closed: what waits for its ack is sent again on the next one, with the same id. */
  closed(): void {
    this.waiting?.end("lost");
  }

  /** Send what is not acked. Safe to call at any time. */
  async flush(): Promise<void> {
    this.again = true;
    if (this.flushing) return;
    this.flushing = true;
    while (this.again) {
      this.again = false;
      if (this.due()) await this.ports.alone(() => this.sendAll());
    }
    this.flushing = false;
  }

  private async store(letter: Letter): Promise<void> {
    this.unstored.set(letter.id, letter);
    this.storing.add(letter.id);
    try {
      await this.ports.box.put(letter);
      if (this.unstored.get(letter.id) === letter) this.unstored.delete(letter.id);
    } finally {
      this.storing.delete(letter.id);
    }
  }

  private async drop(id: string): Promise<void> {
    this.unstored.delete(id);
    await this.ports.box.remove(id);
  }

  /** The next to leave; none while it is still on its way into the box. */
  private due(): Letter | undefined {
    const next = this.letters.value.find((letter) => !letter.refused);
    return next && !this.storing.has(next.id) ? next : undefined;
  }

  private async sendAll(): Promise<void> {
    await this.refresh();
    for (let letter = this.due(); letter; letter = this.due()) {
      if ((await this.deliver(letter)) === "lost") return;
    }
  }

  /** One at a time: the next leaves after the ack, so the cloud numbers them in the order they were written. */
  private deliver(letter: Letter): Promise<Outcome> {
    const { id, conversationId, text } = letter;
    return new Promise((resolve) => {
      const off = this.ports.after(ACK_MS, () => {
        this.waiting?.end("lost");
        this.ports.deaf();
      });
      this.waiting = { id, end: (outcome) => this.finish(off, resolve, outcome) };
      if (!this.ports.send({ type: "send", id, conversationId, text })) this.waiting.end("lost");
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
    await this.refresh();
    this.ports.changed();
    await this.flush();
  }
}
