// Browser <-> cloud: every frame of the socket. The golden files in tests/golden freeze the shapes for both sides.
import { MESSAGE_CHARS, MOST_ATTACHMENTS } from "./attachment";
import {
  type Entry,
  type Failing,
  type Media,
  readEntry,
  readFailure,
  readMedia,
  readStopReason,
  readUsage,
  type StopReason,
  type Usage,
} from "./entry";
import { choice, count, flag, type Json, maybe, object, text } from "./shape";
import { readStatus, type Status } from "./status";

export const SUBPROTOCOL = "openclaw.v1";
export const FRAME_BYTES = 24 * 1024;

export const APPROVAL_STATES = ["open", "allowed", "denied", "expired"] as const;

export type Runtime = "auto" | "fargate" | "lambda";
export type Decision = "allow" | "deny";

export type ClientFrame =
  | {
      type: "send";
      id: string;
      conversationId: string;
      text: string;
      attachments?: string[];
      runtime?: Runtime;
      replaces?: string;
    }
  | { type: "cancel"; turn: string }
  | { type: "approve"; id: string; decision: Decision }
  | { type: "resume"; conversationId: string; after: number; turn?: string; chunk?: number }
  | { type: "status" }
  | { type: "ping" };

export interface Ack {
  type: "ack";
  id: string;
  conversationId: string;
  seq: number;
}
export interface Chunk {
  type: "stream_chunk";
  conversationId: string;
  turn: string;
  n: number;
  from?: number | undefined;
  content: string;
  replace?: boolean | undefined;
}
export interface Tool {
  type: "tool";
  conversationId?: string | undefined;
  turn: string;
  n: number;
  name: string;
  phase: "start" | "end" | "error";
  summary: string;
  detail?: string | undefined;
}
/** A file of the answer, numbered apart as tools are. */
export interface MediaFrame extends Media {
  type: "media";
  conversationId: string;
  turn: string;
  n: number;
}
/** The agent asks whether it may do something; the same id comes again when that is decided. */
export interface ApprovalFrame {
  type: "approval";
  conversationId: string;
  turn: string;
  n: number;
  id: string;
  command: string;
  cwd?: string | undefined;
  state: (typeof APPROVAL_STATES)[number];
  /** Of one that is open. */
  expiresAt?: string | undefined;
}
/** Nothing was heard of the model for so many seconds, and the agent is alive. */
export interface WaitingFrame {
  type: "waiting";
  conversationId: string;
  turn: string;
  seconds: number;
}
export interface StreamEnd extends Failing {
  type: "stream_end";
  id: string;
  conversationId: string;
  turn: string;
  seq: number;
  chars: number;
  sha256: string;
  stopReason: StopReason;
  usage?: Usage | undefined;
  durationMs?: number | undefined;
  createdAt: string;
}
export interface Refusal {
  type: "error";
  code: string;
  message: string;
  retryable: boolean;
  id?: string | undefined;
  turn?: string | undefined;
  /** Seconds after which the same may pass. */
  retryAfter?: number | undefined;
}
/** The socket ends in so many milliseconds: the page makes another one before that. */
export interface Goaway {
  type: "goaway";
  reason: string;
  withinMs: number;
}
export type ServerFrame =
  | Ack
  | ({ type: "status" } & Status)
  | Chunk
  | Tool
  | MediaFrame
  | ApprovalFrame
  | WaitingFrame
  | StreamEnd
  | ({ type: "message" } & Entry)
  | Refusal
  | Goaway
  | { type: "pong" };

const READERS: Record<ServerFrame["type"], (fields: Json) => ServerFrame> = {
  ack: (f) => ({
    type: "ack",
    id: text(f, "id"),
    conversationId: text(f, "conversationId"),
    seq: count(f, "seq"),
  }),
  status: (f) => ({ type: "status", ...readStatus(f) }),
  stream_chunk: (f) => ({
    type: "stream_chunk",
    conversationId: text(f, "conversationId"),
    turn: text(f, "turn"),
    n: count(f, "n"),
    from: maybe(f, "from", count),
    content: text(f, "content"),
    replace: maybe(f, "replace", flag),
  }),
  tool: (f) => ({
    type: "tool",
    conversationId: maybe(f, "conversationId", text),
    turn: text(f, "turn"),
    n: count(f, "n"),
    name: text(f, "name"),
    phase: choice(f, "phase", ["start", "end", "error"] as const),
    summary: text(f, "summary"),
    detail: maybe(f, "detail", text),
  }),
  media: (f) => ({
    type: "media",
    conversationId: text(f, "conversationId"),
    turn: text(f, "turn"),
    n: count(f, "n"),
    ...readMedia(f),
  }),
  approval: (f) => ({
    type: "approval",
    conversationId: text(f, "conversationId"),
    turn: text(f, "turn"),
    n: count(f, "n"),
    id: text(f, "id"),
    command: text(f, "command"),
    cwd: maybe(f, "cwd", text),
    state: readApprovalState(f),
    expiresAt: maybe(f, "expiresAt", text),
  }),
  waiting: (f) => ({
    type: "waiting",
    conversationId: text(f, "conversationId"),
    turn: text(f, "turn"),
    seconds: count(f, "seconds"),
  }),
  stream_end: (f) => ({
    type: "stream_end",
    id: text(f, "id"),
    conversationId: text(f, "conversationId"),
    turn: text(f, "turn"),
    seq: count(f, "seq"),
    chars: count(f, "chars"),
    sha256: text(f, "sha256"),
    stopReason: readStopReason(f, "stopReason"),
    usage: maybe(f, "usage", readUsage),
    durationMs: maybe(f, "durationMs", count),
    createdAt: text(f, "createdAt"),
    ...readFailure(f),
  }),
  message: (f) => ({ type: "message", ...readEntry(f) }),
  error: (f) => ({
    type: "error",
    code: text(f, "code"),
    message: text(f, "message"),
    retryable: flag(f, "retryable"),
    id: maybe(f, "id", text),
    turn: maybe(f, "turn", text),
    retryAfter: maybe(f, "retryAfter", count),
  }),
  goaway: (f) => ({ type: "goaway", reason: text(f, "reason"), withinMs: count(f, "withinMs") }),
  pong: () => ({ type: "pong" }),
};

/** Whatever a state of tomorrow says, nothing is to be decided in it. */
function readApprovalState(fields: Json): ApprovalFrame["state"] {
  const state = text(fields, "state");
  return APPROVAL_STATES.find((one) => one === state) ?? "expired";
}

/** The frame in `body`, or null when its type is one this page does not know yet. Throws ShapeError. */
export function readFrame(body: string): ServerFrame | null {
  const fields = object(JSON.parse(body), "frame");
  const type = text(fields, "type");
  const read = Object.hasOwn(READERS, type) ? READERS[type as ServerFrame["type"]] : undefined;
  return read ? read(fields) : null;
}

/** API Gateway's words when a handler of ours has failed: nobody knows which of our frames it was. */
export function isFailure(body: string): boolean {
  const fields = object(JSON.parse(body), "frame");
  return !("type" in fields) && "message" in fields && "connectionId" in fields;
}

export function writeFrame(frame: ClientFrame): string {
  return JSON.stringify(frame);
}

/** Whether this may be the text of one message: as long as a text may be, and in a `send` that fits one frame. */
export function fits(words: string): boolean {
  if (words.length > MESSAGE_CHARS) return false;
  const id = "00000000-0000-0000-0000-000000000000";
  const attachments = Array(MOST_ATTACHMENTS).fill(id);
  const frame = writeFrame({ type: "send", id, conversationId: id, text: words, attachments });
  return new TextEncoder().encode(frame).length <= FRAME_BYTES;
}
