// The REST side: one typed call per route, the bearer's token, and one renewal when it has run out.
import { readOffer, type UploadOffer } from "./attachment";
import { type Backup, readBackup } from "./backup";
import { type Entry, readEntry } from "./entry";
import { type HitPage, readHits } from "./hit";
import { choice, count, flag, type Json, list, maybe, object, text } from "./shape";
import { readStatus, type Status } from "./status";

export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Who speaks: the identity token, and what to do when the cloud no longer believes it. */
export interface Bearer {
  token(): Promise<string>;
  renew(): Promise<string>;
  /** The person has signed out everywhere. */
  end(): Promise<void>;
}

export interface Conversation {
  id: string;
  title: string;
  pinned: boolean;
  archived: boolean;
  lastSeq: number;
  lastAt: string;
}

/** Some conversations, pinned ones first, then newest first; `after` asks for the next, null at the end. */
export interface ListPage {
  conversations: Conversation[];
  after: string | null;
}

/** Some entries of a conversation; `before` is the seq to ask the next older ones with, null at the beginning. */
export interface HistoryPage {
  messages: Entry[];
  before: number | null;
}

export interface Model {
  id: string;
  name: string;
  provider: string;
}

export interface Models {
  models: Model[];
  default: string | null;
  demo: boolean;
}

export const PERMISSION_MODES = ["full", "guarded"] as const;

/** What the owner chose, as the cloud keeps it. */
export interface SettingsBody {
  model: string | null;
  idleMinutes: number;
  language: "en" | "ko" | null;
  mirrorToTelegram: boolean;
  /** What the agent may do unasked: all; or nothing but files in its workspace. */
  permissionMode: (typeof PERMISSION_MODES)[number];
  /** The most that the agent stays awake for work of its own. */
  ownWorkHours: number;
}

/** A chat elsewhere that speaks for this account, or asks to. */
export interface Link {
  id: string;
  channel: string;
  state: "asked" | "linked";
  name: string;
  username: string | null;
  since: string;
}

export interface Links {
  links: Link[];
  /** Channels this deployment has a bot for; null when the cloud does not say. */
  channels: string[] | null;
}

export interface Offer {
  code: string;
  url: string;
  expiresAt: string;
}

/** Where a file is, until when. */
export interface Place {
  url: string;
  expiresAt: string;
}

type Patch = { title?: string; pinned?: boolean; archived?: boolean; deleted?: false };

export class Api {
  constructor(
    private readonly base: string,
    private readonly bearer: Bearer,
    private readonly request: typeof fetch = (...args) => fetch(...args),
  ) {}

  async ticket(): Promise<string> {
    return text(await this.call("POST", "/tickets"), "ticket");
  }

  async status(): Promise<Status> {
    return readStatus(await this.call("GET", "/status"));
  }

  async wake(): Promise<Status> {
    return readStatus(await this.call("POST", "/agent/start"));
  }

  async sleep(): Promise<Status> {
    return readStatus(await this.call("POST", "/agent/stop"));
  }

  /** The kill switch: nothing runs or starts while it is on. */
  async halt(halted: boolean): Promise<Status> {
    return readStatus(await this.call("PUT", "/agent/halt", { halted }));
  }

  /** Every session of this person ends now, this one too. */
  async signOutEverywhere(): Promise<void> {
    await this.call("POST", "/sign-out-everywhere");
  }

  /** A page of the list: the first one, or the one behind the mark that the page before gave. */
  async conversations(after?: string): Promise<ListPage> {
    const query = after === undefined ? "" : `?after=${encodeURIComponent(after)}`;
    const page = await this.call("GET", `/conversations${query}`);
    return {
      conversations: list(page, "conversations", readConversation),
      after: maybe(page, "after", text) ?? null,
    };
  }

  async history(id: string, before?: number): Promise<HistoryPage> {
    const query = before === undefined ? "" : `?before=${before}`;
    const page = await this.call("GET", `/conversations/${encodeURIComponent(id)}${query}`);
    return { messages: list(page, "messages", readEntry), before: maybe(page, "before", count) ?? null };
  }

  /** What was said with all of the words; `after` as the part before has given it. */
  async search(words: string, after?: string): Promise<HitPage> {
    const query = new URLSearchParams({ q: words, ...(after !== undefined && { after }) });
    return readHits(await this.call("GET", `/search?${query}`));
  }

  async media(id: string): Promise<Place> {
    const fields = await this.call("GET", `/media/${encodeURIComponent(id)}`);
    return { url: text(fields, "url"), expiresAt: text(fields, "expiresAt") };
  }

  async change(id: string, patch: Patch): Promise<Conversation> {
    return readConversation(await this.call("PATCH", `/conversations/${encodeURIComponent(id)}`, patch));
  }

  async remove(id: string): Promise<void> {
    await this.call("DELETE", `/conversations/${encodeURIComponent(id)}`);
  }

  /** Newest first: the first one is what the agent wakes up with. */
  async backups(): Promise<Backup[]> {
    return list(await this.call("GET", "/backups"), "backups", readBackup);
  }

  async restore(backup: string): Promise<void> {
    await this.call("POST", `/backups/${encodeURIComponent(backup)}/restore`);
  }

  async settings(): Promise<SettingsBody> {
    return readSettings(await this.call("GET", "/settings"));
  }

  async saveSettings(part: Partial<SettingsBody>): Promise<SettingsBody> {
    return readSettings(await this.call("PUT", "/settings", part));
  }

  async models(): Promise<Models> {
    const fields = await this.call("GET", "/models");
    return {
      models: list(fields, "models", readModel),
      default: maybe(fields, "default", text) ?? null,
      demo: maybe(fields, "demo", flag) ?? false,
    };
  }

  async offerUpload(name: string, mimeType: string, bytes: number): Promise<UploadOffer> {
    return readOffer(await this.call("POST", "/uploads", { name, mimeType, bytes }));
  }

  async links(): Promise<Links> {
    const fields = await this.call("GET", "/links");
    const channels = maybe(fields, "channels", (f, k) => list(f, k, String)) ?? null;
    return { links: list(fields, "links", readLink), channels };
  }

  async offerLink(channel: string): Promise<Offer> {
    const fields = await this.call("POST", `/links/${encodeURIComponent(channel)}`);
    return { code: text(fields, "code"), url: text(fields, "url"), expiresAt: text(fields, "expiresAt") };
  }

  async confirmLink(id: string): Promise<Link> {
    return readLink(await this.call("POST", `/links/${encodeURIComponent(id)}/confirm`));
  }

  async removeLink(id: string): Promise<void> {
    await this.call("DELETE", `/links/${encodeURIComponent(id)}`);
  }

  private async call(method: string, path: string, body?: unknown): Promise<Json> {
    let answer = await this.fetch(method, path, await this.bearer.token(), body);
    if (answer.status === 401) answer = await this.fetch(method, path, await this.bearer.renew(), body);
    const fields = await readBody(answer);
    if (answer.ok) return fields;
    const words = maybe(fields, "message", text) ?? `${method} ${path}: ${answer.status}`;
    const gateways = answer.status === 429 ? "rate_limited" : "internal"; // after `chalice deploy` alone there is no code
    const code = maybe(fields, "code", text) ?? gateways;
    if (code === "signed_out") await this.bearer.end();
    throw new ApiError(code, words, answer.status);
  }

  private async fetch(method: string, path: string, token: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
    try {
      return await this.request(this.base + path, init);
    } catch {
      throw new ApiError("offline", "The cloud cannot be reached.", 0);
    }
  }
}

async function readBody(answer: Response): Promise<Json> {
  try {
    return object(await answer.json(), "answer");
  } catch {
    return {};
  }
}

export function readConversation(value: unknown): Conversation {
  const fields = object(value, "conversation");
  return {
    id: text(fields, "id"),
    title: maybe(fields, "title", text) ?? "",
    pinned: maybe(fields, "pinned", flag) ?? false,
    archived: maybe(fields, "archived", flag) ?? false,
    lastSeq: count(fields, "lastSeq"),
    lastAt: text(fields, "lastAt"),
  };
}

function readModel(value: unknown): Model {
  const fields = object(value, "model");
  return { id: text(fields, "id"), name: text(fields, "name"), provider: text(fields, "provider") };
}

function readSettings(fields: Json): SettingsBody {
  const language = maybe(fields, "language", text);
  return {
    model: maybe(fields, "model", text) ?? null,
    idleMinutes: count(fields, "idleMinutes"),
    language: language === "en" || language === "ko" ? language : null,
    mirrorToTelegram: maybe(fields, "mirrorToTelegram", flag) ?? false,
    // A mode of tomorrow is refused: read as another one, it would be saved as that.
    permissionMode: maybe(fields, "permissionMode", (f, k) => choice(f, k, PERMISSION_MODES)) ?? "full",
    ownWorkHours: maybe(fields, "ownWorkHours", count) ?? 8,
  };
}

function readLink(value: unknown): Link {
  const fields = object(value, "link");
  return {
    id: text(fields, "id"),
    channel: text(fields, "channel"),
    state: choice(fields, "state", ["asked", "linked"] as const),
    name: text(fields, "name"),
    username: maybe(fields, "username", text) ?? null,
    since: text(fields, "since"),
  };
}
