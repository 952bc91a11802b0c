// One message of a conversation, as history, REST and the `message` frame show it.
import { type Attachment, readAttachment } from "./attachment";
import { choice, count, flag, type Json, list, maybe, object, text } from "./shape";

export const ROLES = ["user", "agent", "notice"] as const;
export const STATUSES = ["pending", "committed", "failed", "cancelled"] as const;
/** Why an answer ended: at its end, by the person, at the model's limit, by the model's will, by a fault. */
export const STOP_REASONS = ["stop", "cancelled", "length", "declined", "broken"] as const;
export const MEDIA_KINDS = ["image", "audio", "video", "file"] as const;

export type StopReason = (typeof STOP_REASONS)[number];

/** A file that came with an answer; `GET /media/{id}` says where it is for a while. */
export interface Media {
  id: string;
  kind: (typeof MEDIA_KINDS)[number];
  name: string;
  mimeType: string;
  bytes: number;
}

/** A step on the way to an answer, as it is kept with it. */
export interface KeptTool {
  n: number;
  name: string;
  summary: string;
  detail?: string | undefined;
  state: "done" | "failed";
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  costUsd?: number | undefined;
}

/** Why there is no answer, or not all of it. */
export interface Failing {
  errorCode?: string | undefined;
  retryable?: boolean | undefined;
  /** Names the failure for the page's own words; `text` says it in English. */
  errorKey?: string | undefined;
  errorParams?: Record<string, string> | undefined;
}

export interface Entry extends Failing {
  id: string;
  conversationId: string;
  seq: number;
  role: (typeof ROLES)[number];
  text: string;
  createdAt: string;
  status: (typeof STATUSES)[number];
  attachments?: readonly Attachment[] | undefined;
  turn?: string | undefined;
  usage?: Usage | undefined;
  durationMs?: number | undefined;
  stopReason?: StopReason | undefined;
  media?: Media[] | undefined;
  tools?: KeptTool[] | undefined;
}

export function readUsage(fields: Json, key: string): Usage {
  const usage = object(fields[key], key);
  return {
    inputTokens: count(usage, "inputTokens"),
    outputTokens: count(usage, "outputTokens"),
    costUsd: maybe(usage, "costUsd", count),
  };
}

/** A reason of tomorrow is a plain end today. */
export function readStopReason(fields: Json, key: string): StopReason {
  const value = text(fields, key);
  return STOP_REASONS.find((one) => one === value) ?? "stop";
}

/** A kind of tomorrow is a file to download today. */
export function readMedia(value: unknown): Media {
  const fields = object(value, "media");
  const kind = text(fields, "kind");
  return {
    id: text(fields, "id"),
    kind: MEDIA_KINDS.find((one) => one === kind) ?? "file",
    name: text(fields, "name"),
    mimeType: text(fields, "mimeType"),
    bytes: count(fields, "bytes"),
  };
}

function readTool(value: unknown): KeptTool {
  const fields = object(value, "tool");
  return {
    n: count(fields, "n"),
    name: text(fields, "name"),
    summary: text(fields, "summary"),
    detail: maybe(fields, "detail", text),
    state: choice(fields, "state", ["done", "failed"] as const),
  };
}

function readParams(fields: Json, key: string): Record<string, string> {
  const params = Object.entries(object(fields[key], key));
  return Object.fromEntries(params.map(([name, value]) => [name, String(value)]));
}

export function readFailure(fields: Json): Failing {
  return {
    errorCode: maybe(fields, "errorCode", text),
    retryable: maybe(fields, "retryable", flag),
    errorKey: maybe(fields, "errorKey", text),
    errorParams: maybe(fields, "errorParams", readParams),
  };
}

export function readEntry(value: unknown): Entry {
  const fields = object(value, "entry");
  return {
    id: text(fields, "id"),
    conversationId: text(fields, "conversationId"),
    seq: count(fields, "seq"),
    role: choice(fields, "role", ROLES),
    text: text(fields, "text"),
    createdAt: text(fields, "createdAt"),
    status: choice(fields, "status", STATUSES),
    attachments: maybe(fields, "attachments", (from, key) => list(from, key, readAttachment)),
    turn: maybe(fields, "turn", text),
    usage: maybe(fields, "usage", readUsage),
    durationMs: maybe(fields, "durationMs", count),
    stopReason: maybe(fields, "stopReason", readStopReason),
    ...readFailure(fields),
    media: maybe(fields, "media", (f, k) => list(f, k, readMedia)),
    tools: maybe(fields, "tools", (f, k) => list(f, k, readTool)),
  };
}
