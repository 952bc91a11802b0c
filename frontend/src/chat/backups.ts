// The way out when the newest backup cannot be restored: the agent starts from an older one.
import { signal } from "@preact/signals";
import type { After } from "../ports";
import { type Api, ApiError } from "../wire/api";
import type { Backup } from "../wire/backup";
import type { Status } from "../wire/status";

const NOT_RESTORED = new Set(["backup_damaged", "restore_no_room", "restore_bad_name", "restore_refused"]);
/** What has nothing to do with the point: another one would be refused, too. */
const NOT_ITS_FAULT = new Set(["agent_busy", "offline", "not_allowed"]);
const PAUSE_MS = 2_000;
const TRIES = 60; // a start that will fail has to end first: only under a sleeping agent is anything restored

/** The last start could not restore the newest backup, and neither will the next one. */
export function isNotRestored(status: Status): boolean {
  return NOT_RESTORED.has(status.noteCode ?? "");
}

/** Newest first: what is older than what the agent would wake up with. */
export function olderOf(points: readonly Backup[]): Backup[] {
  const [head] = points;
  const newest = Number(head?.restored ?? head?.id);
  return points.filter((one) => Number(one.restored ?? one.id) < newest);
}

export class Backups {
  /** What one tap goes back to. */
  readonly older = signal<Backup | null>(null);
  readonly isGoingBack = signal(false);

  constructor(
    private readonly api: Pick<Api, "backups" | "restore" | "wake">,
    private readonly after: After,
  ) {}

  async look(): Promise<void> {
    this.older.value = olderOf(await this.api.backups())[0] ?? null;
  }

  /** Starts the agent from the newest of the older points that is whole. */
  async goBack(): Promise<Status> {
    this.isGoingBack.value = true;
    try {
      await this.restoreOlder(olderOf(await this.api.backups()));
      return await this.api.wake();
    } finally {
      this.isGoingBack.value = false;
    }
  }

  private async restoreOlder(points: readonly Backup[]): Promise<void> {
    for (const [at, point] of points.entries()) {
      try {
        return await this.restoreAsleep(point);
      } catch (error) {
        const isLast = at === points.length - 1;
        if (isLast || !(error instanceof ApiError) || NOT_ITS_FAULT.has(error.code)) throw error;
      }
    }
  }

  private async restoreAsleep(point: Backup): Promise<void> {
    for (let left = TRIES; ; left--) {
      try {
        return await this.api.restore(point.id);
      } catch (error) {
        if (left === 1 || !(error instanceof ApiError) || error.code !== "agent_busy") throw error;
      }
      await new Promise<void>((resume) => this.after(PAUSE_MS, resume));
    }
  }
}
