// One message of a conversation, as history, REST and the `message` frame show it.
import { type Attachment, readAttachment } from "./attachment";
import { choice, count, flag, type Json, list, maybe, object, text } from "./shape";

export const ROLES = ["user", "agent", "notice"] as const;
export const STATUSES = ["pending", "committed", "failed", "cancelled"] as const;
export const STOP_REASONS = ["stop", "cancelled"] as const;

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  costUsd?: number | undefined;
}

export interface Entry {
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
  errorCode?: string | undefined;
  retryable?: boolean | undefined;
}

export function readUsage(fields: Json, key: string): Usage {
  const usage = object(fields[key], key);
  return {
    inputTokens: count(usage, "inputTokens"),
    outputTokens: count(usage, "outputTokens"),
    costUsd: maybe(usage, "costUsd", count),
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
    errorCode: maybe(fields, "errorCode", text),
    retryable: maybe(fields, "retryable", flag),
  };
}
