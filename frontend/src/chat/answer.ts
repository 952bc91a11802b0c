// A running answer put together from its numbered pieces; pure, so that every order of arrival can be tried.
import type { Media } from "../wire/entry";
import type { ApprovalFrame, Chunk, MediaFrame, StreamEnd, Tool, WaitingFrame } from "../wire/protocol";
import { type Approval, told } from "./approvals";

export interface ToolStep {
  n: number;
  name: string;
  summary: string;
  detail?: string | undefined;
  state: "running" | "done" | "failed";
}

export interface Answer {
  readonly conversationId: string;
  readonly turn: string;
  readonly text: string;
  /** Number of the last chunk held; what `resume` tells. */
  readonly held: number;
  readonly toolsHeld: number;
  readonly tools: readonly ToolStep[];
  readonly mediaHeld: number;
  readonly media: readonly Media[];
  readonly approvals: readonly Approval[];
  /** A chunk is missing and `resume` was asked for: what follows is dropped until the catch-up. */
  readonly gap: boolean;
  /** Seconds for which nothing new had come when that was told last; 0 when something has come since. */
  readonly silent: number;
}

export function begin(conversationId: string, turn: string): Answer {
  const nothing = { text: "", held: 0, toolsHeld: 0, tools: [], mediaHeld: 0, media: [], approvals: [] };
  return { conversationId, turn, ...nothing, gap: false, silent: 0 };
}

/** The answer with this chunk. `gap` turns true when a piece before it is missing. */
export function addChunk(answer: Answer, chunk: Chunk): Answer {
  if (chunk.replace) return { ...answer, text: chunk.content, held: chunk.n, gap: false, silent: 0 };
  if (answer.gap || chunk.n <= answer.held) return answer;
  if ((chunk.from ?? chunk.n) > answer.held + 1) return { ...answer, gap: true };
  return { ...answer, text: answer.text + chunk.content, held: chunk.n, silent: 0 };
}

/** Tool frames have numbers of their own; one seen before changes nothing. */
export function addTool(answer: Answer, frame: Tool): Answer {
  if (frame.n <= answer.toolsHeld) return answer;
  return { ...answer, toolsHeld: frame.n, tools: nextSteps(answer.tools, frame), silent: 0 };
}

/** Files have numbers of their own too. */
export function addMedia(answer: Answer, frame: MediaFrame): Answer {
  if (frame.n <= answer.mediaHeld) return answer;
  const { id, kind, name, mimeType, bytes } = frame;
  const media = [...answer.media, { id, kind, name, mimeType, bytes }];
  return { ...answer, mediaHeld: frame.n, media, silent: 0 };
}

/** By their ids and not by their numbers, which begin anew when another machine takes the turn over. */
export function addApproval(answer: Answer, frame: ApprovalFrame): Answer {
  return { ...answer, approvals: told(answer.approvals, frame), silent: 0 };
}

/** What waits for the person's decision; the newest of several. */
export function openApproval({ approvals }: Answer): Approval | undefined {
  return approvals.findLast((one) => one.state === "open");
}

/** While the agent waits for the person, the model is silent for a reason. */
export function addWaiting(answer: Answer, frame: WaitingFrame): Answer {
  if (openApproval(answer)) return answer;
  return { ...answer, silent: frame.seconds };
}

function nextSteps(steps: readonly ToolStep[], frame: Tool): ToolStep[] {
  const step: ToolStep = {
    n: frame.n,
    name: frame.name,
    summary: frame.summary,
    detail: frame.detail,
    state: frame.phase === "start" ? "running" : frame.phase === "end" ? "done" : "failed",
  };
  const open =
    frame.phase === "start" ? -1 : steps.findIndex((s) => s.state === "running" && s.name === frame.name);
  if (open < 0) return [...steps, step];
  return steps.map((old, at) => (at === open ? closed(old, step) : old));
}

function closed(old: ToolStep, end: ToolStep): ToolStep {
  return {
    ...old,
    summary: end.summary || old.summary,
    detail: end.detail ?? old.detail,
    state: end.state,
  };
}

/** Whether the text held is the text that was committed. */
export async function matches(text: string, end: StreamEnd): Promise<boolean> {
  if ([...text].length !== end.chars) return false;
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return true;
  const digest = await subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === end.sha256;
}
