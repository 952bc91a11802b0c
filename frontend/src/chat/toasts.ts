// Short lines that say what happened and what to do about it.
import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "error";
  action?: { label: string; run(): void } | undefined;
}

const SHOWN_MS = 8_000;

export class Toasts {
  readonly shown = signal<readonly Toast[]>([]);
  private next = 1;

  constructor(private readonly after: (ms: number, job: () => void) => void) {}

  /** The same words twice are one toast. */
  show(text: string, tone: Toast["tone"], action?: Toast["action"]): void {
    const id = this.next++;
    this.shown.value = [
      ...this.shown.value.filter((one) => one.text !== text),
      { id, text, tone, action },
    ].slice(-3);
    this.after(SHOWN_MS, () => this.dismiss(id));
  }

  dismiss(id: number): void {
    this.shown.value = this.shown.value.filter((one) => one.id !== id);
  }
}
