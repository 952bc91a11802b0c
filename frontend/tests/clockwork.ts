// A clock that moves when told to, and promises that have settled.
export class Clockwork {
  now = 0;
  private jobs: { at: number; job: () => void }[] = [];

  readonly after = (ms: number, job: () => void): (() => void) => {
    const entry = { at: this.now + ms, job };
    this.jobs.push(entry);
    return () => {
      this.jobs = this.jobs.filter((one) => one !== entry);
    };
  };

  /** Runs everything due in the next `ms`, in order. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (let due = this.due(end); due; due = this.due(end)) {
      this.jobs = this.jobs.filter((one) => one !== due);
      this.now = due.at;
      due.job();
      await settle();
    }
    this.now = end;
    await settle();
  }

  private due(end: number): { at: number; job: () => void } | undefined {
    return this.jobs.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

export async function settle(): Promise<void> {
  for (let round = 0; round < 30; round++) await Promise.resolve();
}
