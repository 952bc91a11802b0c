// The socket that is always there: a fresh ticket each time, backoff, pings, and a planned change between turns.
import type { After } from "../ports";
import { backoff } from "./backoff";
import {
  type ClientFrame,
  isFailure,
  readFrame,
  type ServerFrame,
  SUBPROTOCOL,
  writeFrame,
} from "./protocol";
import { ShapeError } from "./shape";

export const PING_MS = 4.5 * 60_000;
export const PONG_MS = 10_000;
export const PLANNED_MS = 110 * 60_000; // API Gateway cuts at 120 min
export const SETTLE_MS = 5_000;
export const FAILED_MS = 4_000;
const OPEN_MS = 15_000;

/** What we use of a WebSocket. */
export interface RawSocket {
  send(body: string): void;
  close(): void;
}

/** What the socket says; each may come late, after `close`. */
export interface SocketListener {
  opened(): void;
  received(body: string): void;
  closed(): void;
}

export interface SocketPorts {
  connect(protocols: string[], listener: SocketListener): RawSocket;
  ticket(): Promise<string>;
  after: After;
  random(): number;
  /** Whether a turn runs right now: a planned change waits for its end. */
  busy(): boolean;
}

export interface SocketEvents {
  frame(frame: ServerFrame): void;
  opened(): void;
  /** There is no connection: it was lost, or could not be made. */
  closed(): void;
  unreadable(error: Error): void;
}

export type SocketState = "closed" | "connecting" | "open" | "waiting";

export class Socket {
  state: SocketState = "closed";
  private raw: RawSocket | null = null;
  private reported: boolean | null = null; // what the events said last
  private attempt = 0;
  private round = 0; // a callback of an earlier round has nothing to say
  private readonly timers = new Map<string, () => void>();

  constructor(
    private readonly ports: SocketPorts,
    private readonly events: SocketEvents,
  ) {}

  start(): void {
    if (this.state === "closed") void this.connect();
  }

  stop(): void {
    this.drop();
    this.state = "closed";
  }

  /** The network or the page is back: connect now, or find out whether the socket still lives. */
  nudge(): void {
    if (this.state === "waiting") void this.connect();
    else if (this.state === "open") this.ping();
  }

  /** False when there is no open socket: the caller keeps what it wanted to say. */
  send(frame: ClientFrame): boolean {
    if (this.state !== "open" || !this.raw) return false;
    this.raw.send(writeFrame(frame));
    return true;
  }

  /** Give up this connection and make the next one at once. */
  renew(): void {
    if (this.state === "closed") return;
    this.drop();
    void this.connect();
  }

  private async connect(): Promise<void> {
    this.cancel("retry");
    this.state = "connecting";
    const round = ++this.round;
    try {
      const ticket = await this.ports.ticket();
      if (round === this.round)
        this.raw = this.ports.connect([SUBPROTOCOL, `ticket.${ticket}`], this.listener(round));
    } catch {
      if (round === this.round) this.retry();
    }
  }

  private listener(round: number): SocketListener {
    const now = () => round === this.round;
    this.plan("open", OPEN_MS, () => this.lost());
    return {
      opened: () => now() && this.opened(),
      received: (body) => now() && this.received(body),
      closed: () => now() && this.lost(),
    };
  }

  private opened(): void {
    this.cancel("open");
    this.state = "open";
    this.plan("ping", PING_MS, () => this.ping());
    this.plan("planned", PLANNED_MS, () => this.renewSettled());
    this.report(true);
  }

  /** Something that was asked for did not come: soon another connection, which asks for everything again. */
  failed(): void {
    if (this.state === "open") this.leave(FAILED_MS);
  }

  private received(body: string): void {
    this.attempt = 0;
    this.cancel("pong");
    try {
      if (isFailure(body)) this.failed();
      else this.handle(readFrame(body));
    } catch (error) {
      if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error;
      this.events.unreadable(error);
    }
  }

  private handle(frame: ServerFrame | null): void {
    if (frame?.type === "goaway") this.leave(frame.withinMs);
    else if (frame && frame.type !== "pong") this.events.frame(frame);
  }

  private ping(): void {
    this.send({ type: "ping" });
    this.plan("pong", PONG_MS, () => this.renew());
    this.plan("ping", PING_MS, () => this.ping());
  }

  private leave(withinMs: number): void {
    this.plan("leave", withinMs, () => this.renew());
    this.plan("planned", Math.round((withinMs / 2) * this.ports.random()), () => this.renewSettled());
  }

  private renewSettled(): void {
    if (this.ports.busy()) this.plan("planned", SETTLE_MS, () => this.renewSettled());
    else this.renew();
  }

  private lost(): void {
    this.drop();
    this.retry();
  }

  private retry(): void {
    this.state = "waiting";
    this.report(false);
    this.plan("retry", backoff(this.attempt++, this.ports.random()), () => void this.connect());
  }

  private drop(): void {
    const wasOpen = this.state === "open";
    this.round++;
    for (const name of [...this.timers.keys()]) this.cancel(name);
    const raw = this.raw;
    this.raw = null;
    this.state = "waiting";
    raw?.close();
    if (wasOpen) this.report(false);
  }

  private report(up: boolean): void {
    if (this.reported === up) return;
    this.reported = up;
    if (up) this.events.opened();
    else this.events.closed();
  }

  private plan(name: string, ms: number, job: () => void): void {
    this.cancel(name);
    const off = this.ports.after(ms, () => {
      this.timers.delete(name);
      job();
    });
    this.timers.set(name, off);
  }

  private cancel(name: string): void {
    this.timers.get(name)?.();
    this.timers.delete(name);
  }
}
