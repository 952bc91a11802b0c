// Several tabs of one person agree: each says what it changed, and one at a time does what must not be doubled.
import type { WithLock } from "../ports";

export type Change = "outbox" | "conversations" | "settings";

/** What we use of a BroadcastChannel. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

export interface TabsPorts {
  /** Opens the channel of this name. */
  channel(name: string): Channel;
  withLock: WithLock;
}

export class Tabs {
  private opened: Channel | null = null;

  constructor(
    private readonly name: string,
    private readonly ports: TabsPorts,
  ) {}

  /** To the other tabs, not to this one. */
  announce(change: Change): void {
    this.channel.postMessage(change);
  }

  listen(changed: (change: Change) => void): void {
    this.channel.onmessage = (event: MessageEvent<Change>) => changed(event.data);
  }

  /** Runs `job` while no other tab does. */
  withLock(job: () => Promise<void>): Promise<void> {
    return this.ports.withLock(`${this.name}-outbox`, job);
  }

  private get channel(): Channel {
    this.opened ??= this.ports.channel(this.name);
    return this.opened;
  }
}
