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
  /** What the note is about: a first file's name, and how many there are; why, in another's words; work by its kinds. */
  noteArgs?: NoteArgs | undefined;
}

/** Work that OpenClaw does by itself, in the order in which it is told. */
export const WORK = ["commands", "jobs", "tasks", "turns"] as const;
export type Work = (typeof WORK)[number];

export interface NoteArgs extends Partial<Record<Work, number | undefined>> {
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
    commands: maybe(args, "commands", count),
    jobs: maybe(args, "jobs", count),
    tasks: maybe(args, "tasks", count),
    turns: maybe(args, "turns", count),
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
