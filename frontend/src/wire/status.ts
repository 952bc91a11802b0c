// What the agent is doing, as `GET /status` and the `status` frame say it.
import { choice, count, type Json, maybe, object, text } from "./shape";

export const STATES = ["idle", "starting", "running", "stopping"] as const;
export const STEPS = ["queued", "container", "gateway", "workspace", "ready"] as const;

export type AgentState = (typeof STATES)[number];
export type Step = (typeof STEPS)[number];

/** Seconds from the request to the first word, median and 90th percentile of this deployment. */
export interface Eta {
  p50: number;
  p90: number;
}

export interface Status {
  status: AgentState;
  stage?: Step | undefined;
  since?: string | undefined;
  eta?: Eta | undefined;
  runtime?: string | undefined;
  pending?: number | undefined;
  /** What is going on and why, in English; `noteCode` names those that the page has words of its own for. */
  note?: string | undefined;
  noteCode?: string | undefined;
  /** Which files the note is about: the first one's name, and how many there are; or why, in another's words. */
  noteArgs?: NoteArgs | undefined;
}

export interface NoteArgs {
  first?: string | undefined;
  count?: number | undefined;
  reason?: string | undefined;
}

function readNoteArgs(fields: Json, key: string): NoteArgs {
  const args = object(fields[key], key);
  return {
    first: maybe(args, "first", text),
    count: maybe(args, "count", count),
    reason: maybe(args, "reason", text),
  };
}

function readEta(fields: Json, key: string): Eta {
  const eta = object(fields[key], key);
  return { p50: count(eta, "p50"), p90: count(eta, "p90") };
}

export function readStatus(value: unknown): Status {
  const fields = object(value, "status");
  return {
    status: choice(fields, "status", STATES),
    stage: maybe(fields, "stage", (f, k) => choice(f, k, STEPS)),
    since: maybe(fields, "since", text),
    eta: maybe(fields, "eta", readEta),
    runtime: maybe(fields, "runtime", text),
    pending: maybe(fields, "pending", count),
    note: maybe(fields, "note", text),
    noteCode: maybe(fields, "noteCode", text),
    noteArgs: maybe(fields, "noteArgs", readNoteArgs),
  };
}
