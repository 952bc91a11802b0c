// The messages of one conversation in order: merging what comes twice, and what the reader sees of it.

import type { OutboxMessage } from "../store/store";
import type { Entry } from "../wire/entry";
import type { Answer, ToolStep } from "./answer";
import type { Approval } from "./approvals";

/** The entries with `fresh` among them: by id the newer one counts, by seq they are in order. */
export function merge(entries: readonly Entry[], fresh: readonly Entry[]): Entry[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  for (const entry of fresh) byId.set(entry.id, newer(byId.get(entry.id), entry));
  const answered = new Set([...byId.values()].flatMap((entry) => (entry.turn ? [entry.turn] : [])));
  return [...byId.values()]
    .map((entry) => (answered.has(entry.id) ? settled(entry) : entry))
    .sort((a, b) => a.seq - b.seq);
}

/** A replayed `pending` never takes back what is known to be answered, or a part that was joined to the message. */
function newer(held: Entry | undefined, fresh: Entry): Entry {
  if (!held || fresh.status !== "pending") return fresh;
  return held.status !== "pending" || isLess(fresh, held) ? held : fresh;
}

function isLess(one: Entry, other: Entry): boolean {
  const more = (other.attachments?.length ?? 0) - (one.attachments?.length ?? 0);
  return more > 0 || (more === 0 && one.text.length < other.text.length);
}

function settled(entry: Entry): Entry {
  return entry.status === "pending" ? { ...entry, status: "committed" } : entry;
}

/** Seq of the last answer or notice held, 0 if none: what `resume.after` tells. */
export function lastAnswer(entries: readonly Entry[]): number {
  return entries.reduce((last, entry) => (entry.role === "user" ? last : Math.max(last, entry.seq)), 0);
}

/** The user's message whose turn is next or running. */
export function runningTurn(entries: readonly Entry[]): Entry | undefined {
  return entries.find((entry) => entry.role === "user" && entry.status === "pending");
}

export type Item =
  | { kind: "user"; key: string; entry: Entry; queued: boolean }
  | { kind: "outgoing"; key: string; message: OutboxMessage }
  | ({ kind: "agent"; key: string; turn: string; entry?: Entry; answer?: Answer } & Doings)
  | { kind: "waiting"; key: string; turn: string; silent: number }
  | { kind: "notice"; key: string; entry: Entry };

/** What the agent did on the way, and what it asked before. */
interface Doings {
  tools: readonly ToolStep[];
  approvals: readonly Approval[];
}

const NO_STEPS: readonly never[] = []; // always the same one: what has not changed is not drawn again

interface Known {
  entries: readonly Entry[];
  answers: ReadonlyMap<string, Answer>;
  /** What was seen of turns that have ended in this visit: tools, questions, and the words of one that failed. */
  ended: ReadonlyMap<string, Answer>;
  outgoing: readonly OutboxMessage[];
}

/** What the thread shows, top to bottom. An answer keeps its key from its first word to its last. */
export function items(known: Known): Item[] {
  const running = runningTurn(known.entries)?.id;
  const held = new Set(known.entries.map((entry) => entry.id));
  const outgoing = known.outgoing.filter((one) => !held.has(one.id));
  const refused = outgoing.filter((one) => one.refused);
  const shown: Item[] = [];
  for (const entry of known.entries) {
    if (entry.role === "user") shown.push(...until(refused, Date.parse(entry.createdAt)));
    shown.push(...fromEntry(known, entry, running));
  }
  for (const answer of known.answers.values()) {
    if (!held.has(answer.turn) && hasBegun(answer)) shown.push(fromAnswer(answer));
  }
  return [
    ...shown,
    ...until(refused, Number.POSITIVE_INFINITY),
    ...fromOutbox(outgoing.filter((one) => !one.refused)),
  ];
}

/** Takes the refused messages written before `time`: they stay where they were written. */
function until(refused: OutboxMessage[], time: number): Item[] {
  const later = refused.findIndex((one) => one.writtenAt > time);
  return fromOutbox(refused.splice(0, later < 0 ? refused.length : later));
}

function fromOutbox(messages: readonly OutboxMessage[]): Item[] {
  return messages.map((message) => ({ kind: "outgoing", key: message.id, message }));
}

function fromEntry(known: Known, entry: Entry, running: string | undefined): Item[] {
  if (entry.role === "notice") return [...partial(known, entry), { kind: "notice", key: entry.id, entry }];
  if (entry.role === "agent") return [settledAnswer(known, entry)];
  const answer = known.answers.get(entry.id);
  const user: Item = {
    kind: "user",
    key: entry.id,
    entry,
    queued: entry.status === "pending" && entry.id !== running,
  };
  if (entry.status !== "pending") return [user];
  if (answer && hasBegun(answer)) return [{ ...user, queued: false }, fromAnswer(answer)];
  return entry.id === running
    ? [user, { kind: "waiting", key: `${entry.id}:waiting`, turn: entry.id, silent: answer?.silent ?? 0 }]
    : [user];
}

function settledAnswer(known: Known, entry: Entry): Item & { kind: "agent" } {
  const turn = entry.turn ?? entry.id;
  return {
    kind: "agent",
    key: `${turn}:answer`,
    turn,
    entry,
    tools: entry.tools ?? known.ended.get(turn)?.tools ?? NO_STEPS,
    approvals: known.ended.get(turn)?.approvals ?? NO_STEPS,
  };
}

function hasBegun({ text, tools, media, approvals }: Answer): boolean {
  return text !== "" || tools.length + media.length + approvals.length > 0;
}

/** What was there when the turn failed, or is kept with the notice: it stays above it. */
function partial(known: Known, notice: Entry): Item[] {
  const { createdAt, conversationId, seq, turn = notice.id } = notice;
  const answer = known.ended.get(turn);
  const { text = "" } = answer ?? {};
  const tools = notice.tools ?? answer?.tools ?? [];
  const media = notice.media ?? answer?.media ?? [];
  if (!text && !tools.length && !media.length && !answer?.approvals.length) return [];
  const entry: Entry = {
    ...{ id: `${turn}:partial`, conversationId, seq, createdAt, turn, text, media: [...media] },
    ...{ role: "agent", status: "committed", stopReason: text ? "broken" : "stop" },
  };
  return [{ ...settledAnswer(known, entry), tools }];
}

function fromAnswer(answer: Answer): Item {
  const { turn, tools, approvals } = answer;
  return { kind: "agent", key: `${turn}:answer`, turn, answer, tools, approvals };
}
