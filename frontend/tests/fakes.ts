// The browser and the cloud as the tests have them: small, in memory, and able to refuse.
import type { Channel } from "../src/chat/tabs";
import type { Address, KeyValues, WithLock } from "../src/ports";
import { MemoryStore } from "../src/store/memory";
import { type OutboxMessage, StoreError } from "../src/store/store";
import type { Api, Conversation, SettingsBody } from "../src/wire/api";
import type { ClientFrame, ServerFrame } from "../src/wire/protocol";
import type { SocketListener } from "../src/wire/socket";

export class FakeSocket {
  readonly sent: string[] = [];
  closed = false;

  constructor(
    readonly protocols: string[],
    readonly listener: SocketListener,
  ) {}

  send(body: string): void {
    this.sent.push(body);
  }

  close(): void {
    this.closed = true;
  }

  /** What the page has sent, pings apart. */
  get frames(): ClientFrame[] {
    return this.sent.map((body) => JSON.parse(body) as ClientFrame).filter((one) => one.type !== "ping");
  }

  receive(frame: ServerFrame): void {
    this.listener.received(JSON.stringify(frame));
  }
}

export class FakeAddress implements Address {
  readonly path = "/app/";
  query = "";
  hash = "";
  readonly replaced: string[] = [];
  private readonly jobs: (() => void)[] = [];

  goTo(hash: string): void {
    this.hash = hash;
    for (const job of this.jobs) job();
  }

  replace(target: string): void {
    this.replaced.push(target);
    this.hash = /#.*/.exec(target)?.[0] ?? "";
  }

  onChange(job: () => void): void {
    this.jobs.push(job);
  }
}

export function keyValues(kept: Record<string, string> = {}): KeyValues & { kept: Record<string, string> } {
  return {
    kept,
    getItem: (key) => kept[key] ?? null,
    setItem: (key, value) => {
      kept[key] = value;
    },
    removeItem: (key) => {
      delete kept[key];
    },
  };
}

/** Locks as the browser has them: one job at a time for each name, over all tabs. */
export function locks(): WithLock {
  const last = new Map<string, Promise<unknown>>();
  return (name, job) => {
    const done = (last.get(name) ?? Promise.resolve()).then(job);
    last.set(
      name,
      done.catch(() => {}),
    );
    return done;
  };
}

/** Opens channels that hear each other and not themselves. */
export function broadcast(): (name: string) => Channel {
  const open: { name: string; channel: Channel }[] = [];
  return (name) => {
    const others = () => open.filter((one) => one.name === name && one.channel !== channel);
    const channel: Channel = {
      onmessage: null,
      postMessage(data) {
        for (const one of others()) one.channel.onmessage?.({ data } as MessageEvent);
      },
    };
    open.push({ name, channel });
    return channel;
  };
}

type Refusable = "all" | "put" | "remove" | "draft" | "keepDraft" | "clear";

/** A store that refuses the calls named in `refuses`. */
export class RefusingStore extends MemoryStore {
  readonly refuses = new Set<Refusable>();

  override async all(): Promise<OutboxMessage[]> {
    this.check("all");
    return super.all();
  }

  override async put(message: OutboxMessage): Promise<void> {
    this.check("put");
    return super.put(message);
  }

  override async remove(id: string): Promise<void> {
    this.check("remove");
    return super.remove(id);
  }

  override async draft(conversationId: string): Promise<string> {
    this.check("draft");
    return super.draft(conversationId);
  }

  override async keepDraft(conversationId: string, text: string): Promise<void> {
    this.check("keepDraft");
    return super.keepDraft(conversationId, text);
  }

  override async clear(): Promise<void> {
    this.check("clear");
    return super.clear();
  }

  private check(call: Refusable): void {
    if (this.refuses.has(call)) throw new StoreError(`${call}: quota`);
  }
}

export const SETTINGS: SettingsBody = {
  model: null,
  idleMinutes: 15,
  language: null,
  mirrorToTelegram: false,
  permissionMode: "full",
  ownWorkHours: 8,
};

export const listed = (id: string, rest: Partial<Conversation> = {}): Conversation => ({
  id,
  title: id,
  pinned: false,
  archived: false,
  lastSeq: 0,
  lastAt: "2026-01-01T00:00:00.000Z",
  ...rest,
});

type FakeApi = Pick<Api, keyof Api>;

/** A cloud in which nothing was said yet; `routes` replaces what a test wants otherwise. */
export function fakeApi(routes: Partial<FakeApi> = {}): FakeApi {
  return {
    ticket: async () => "t",
    status: async () => ({ status: "idle" }),
    wake: async () => ({ status: "starting" }),
    sleep: async () => ({ status: "stopping" }),
    signOutEverywhere: async () => {},
    halt: async (halted) => ({ status: "idle", ...(halted ? { noteCode: "halted" } : {}) }),
    conversations: async () => ({ conversations: [], after: null }),
    history: async () => ({ messages: [], before: null }),
    search: async () => ({ hits: [], after: null }),
    change: async (id) => listed(id),
    remove: async () => {},
    backups: async () => [],
    restore: async () => {},
    settings: async () => SETTINGS,
    saveSettings: async (part) => ({ ...SETTINGS, ...part }),
    models: async () => ({ models: [], default: null, demo: false }),
    links: async () => ({ links: [], channels: null }),
    media: async () => ({ url: "", expiresAt: "" }),
    offerUpload: async (name, mimeType, bytes) => ({
      id: `upload of ${name}`,
      name,
      mimeType,
      bytes,
      url: "https://bucket",
      fields: {},
    }),
    offerLink: async () => ({ code: "", url: "", expiresAt: "" }),
    confirmLink: async () => Promise.reject(new Error("no such link")),
    removeLink: async () => {},
    ...routes,
  };
}
