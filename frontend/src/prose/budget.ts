// What is left of a block's time. A block of little work is read however slow the machine is just now.
import { BLOCK_MS, FREE, LEAST_MS, TEXT_MS, TooDear } from "./limits";

export interface Spent {
  work: number;
  ms: number;
}

export class Budget {
  private work = 0;
  private endsAt = Number.POSITIVE_INFINITY;
  private lateMs = 0; // spent in runs that took more than the least

  /** A block begins. */
  open(): void {
    this.work = 0;
    this.endsAt = performance.now() + BLOCK_MS;
  }

  /** Runs a part of a block that has `spent` so much; a text with many dear blocks gives each of them the least. */
  within(spent: Spent, job: () => void): void {
    const began = performance.now();
    this.work = spent.work;
    this.endsAt = began + (this.lateMs < TEXT_MS ? BLOCK_MS : LEAST_MS) - spent.ms;
    job();
    const took = performance.now() - began;
    spent.work = this.work;
    spent.ms += took;
    if (took > LEAST_MS) this.lateMs += took;
  }

  /** So many characters are looked at. */
  count(characters: number): void {
    this.work += characters;
  }

  get isOver(): boolean {
    return this.work > FREE && performance.now() > this.endsAt;
  }

  /** Throws TooDear when the block has had its time. */
  check(characters: number): void {
    this.count(characters);
    if (this.isOver) throw new TooDear();
  }
}
