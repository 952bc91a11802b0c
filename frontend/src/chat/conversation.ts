// One conversation that is open in this tab: its entries, its running answers, and what `resume` has to ask.
import { signal } from "@preact/signals";
import { ApiError, type HistoryPage } from "../wire/api";
import type { Entry } from "../wire/entry";
import type {
  ApprovalFrame,
  Chunk,
  ClientFrame,
  MediaFrame,
  StreamEnd,
  Tool,
  WaitingFrame,
} from "../wire/protocol";
import {
  type Answer,
  addApproval,
  addChunk,
  addMedia,
  addTool,
  addWaiting,
  begin,
  matches,
  openApproval,
  type ToolStep,
} from "./answer";
import { type Approval, expired } from "./approvals";
import { lastAnswer, merge, runningTurn } from "./transcript";

export interface ConversationPorts {
  send(frame: ClientFrame): boolean;
  history(id: string, before?: number): Promise<HistoryPage>;
}

/** `missing`: the cloud knows no such conversation. */
export type Loading = "fresh" | "loading" | "loaded" | "failed" | "missing";

export class OpenConversation {
  private onServer = false; // the cloud has told of it
  readonly entries = signal<readonly Entry[]>([]);
  readonly answers = signal<ReadonlyMap<string, Answer>>(new Map());
  /** What was seen of turns that have ended: tools, questions, and the words of one that failed. */
  readonly ended = signal<ReadonlyMap<string, Answer>>(new Map());
  readonly loading = signal<Loading>("fresh");
  /** Seq to ask the next older page with; null when the beginning is held. */
  readonly earlier = signal<number | null>(null);
  readonly loadsEarlier = signal(false);

  constructor(
    readonly id: string,
    private readonly ports: ConversationPorts,
  ) {}

  /** Reads the newest page, then asks for the running answer. Throws what `history` throws. */
  async load(): Promise<void> {
    this.loading.value = "loading";
    try {
      const page = await this.ports.history(this.id);
      this.onServer = true;
      this.add(page.messages);
      this.earlier.value = page.before;
      this.loading.value = "loaded";
    } catch (error) {
      this.loading.value = isMissing(error) ? "missing" : "failed";
      if (!isMissing(error)) throw error;
    }
    this.resume();
  }

  /** The connection is back. What was missed may lie below an answer that came since, where `resume` does not look. */
  async catchUp(): Promise<void> {
    if (this.loading.value !== "loaded" || !this.isKnown) return;
    this.resume();
    try {
      this.add((await this.ports.history(this.id)).messages);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async loadEarlier(): Promise<void> {
    const before = this.earlier.value;
    if (before === null) return;
    this.earlier.value = null;
    this.loadsEarlier.value = true;
    try {
      const page = await this.ports.history(this.id, before);
      this.add(page.messages);
      this.earlier.value = page.before;
    } catch (error) {
      this.earlier.value = before;
      throw error;
    } finally {
      this.loadsEarlier.value = false;
    }
  }

  /** A conversation nobody has written to has nothing to load. */
  begin(): void {
    this.loading.value = "loaded";
  }

  add(fresh: readonly Entry[]): void {
    this.entries.value = merge(this.entries.value, fresh);
    if (fresh.length && this.loading.value === "missing") this.begin();
    for (const entry of fresh) if (entry.turn) this.forget(entry.turn, entry.role === "notice");
  }

  chunk(frame: Chunk): void {
    if (this.isAnswered(frame.turn)) return;
    const before = this.answer(frame.turn);
    const after = addChunk(before, frame);
    this.keep(after);
    if (after.gap && !before.gap) this.resume(frame.turn);
  }

  tool(frame: Tool): void {
    if (!this.isAnswered(frame.turn)) this.keep(addTool(this.answer(frame.turn), frame));
  }

  media(frame: MediaFrame): void {
    if (!this.isAnswered(frame.turn)) this.keep(addMedia(this.answer(frame.turn), frame));
  }

  approval(frame: ApprovalFrame): void {
    if (!this.isAnswered(frame.turn)) this.keep(addApproval(this.answer(frame.turn), frame));
  }

  /** This approval is not open any more, the cloud says; false if it is none of these. */
  expire(id: string): boolean {
    const isThis = (one: Approval) => one.id === id;
    const holds = (one: Answer) => one.approvals.some(isThis);
    const running = [...this.answers.value.values()].find(holds);
    if (running) this.keep({ ...running, approvals: expired(running.approvals, isThis) });
    return running !== undefined || [...this.ended.value.values()].some(holds);
  }

  waiting(frame: WaitingFrame): void {
    if (!this.isAnswered(frame.turn)) this.keep(addWaiting(this.answer(frame.turn), frame));
  }

  /** Commits the running answer if it is complete; otherwise asks for the committed one. */
  async end(frame: StreamEnd): Promise<void> {
    if (this.isAnswered(frame.turn)) return;
    const answer = this.answer(frame.turn);
    if (await matches(answer.text, frame)) this.add([committed(frame, answer)]);
    else this.resume();
  }

  /** Asks for everything after what is held, and for the rest of the running answer. */
  resume(turn = runningTurn(this.entries.value)?.id): void {
    if (this.loading.value !== "loaded" || !this.isKnown) return;
    const after = lastAnswer(this.entries.value);
    const rest = turn ? { turn, chunk: this.answers.value.get(turn)?.held ?? 0 } : {};
    this.ports.send({ type: "resume", conversationId: this.id, after, ...rest });
  }

  get running(): string | undefined {
    return runningTurn(this.entries.value)?.id;
  }

  /** What waits for the person's decision. */
  get asks(): Approval | undefined {
    return [...this.answers.value.values()].map(openApproval).find((one) => one);
  }

  /** Something was said here: before that, the cloud has nothing to tell. */
  private get isKnown(): boolean {
    return this.onServer || this.entries.value.length > 0 || this.answers.value.size > 0;
  }

  private answer(turn: string): Answer {
    return this.answers.value.get(turn) ?? begin(this.id, turn);
  }

  private isAnswered(turn: string): boolean {
    return this.entries.value.some((entry) => entry.turn === turn);
  }

  private keep(answer: Answer): void {
    this.answers.value = new Map(this.answers.value).set(answer.turn, answer);
  }

  /** The turn has come to its end; with a notice instead of an answer, what was there so far is kept. */
  private forget(turn: string, failed: boolean): void {
    const answer = this.answers.value.get(turn);
    if (!answer) return;
    const text = failed ? answer.text : "";
    const { tools, approvals } = answer;
    const seen = { ...answer, text, tools: finished(tools), approvals: expired(approvals) };
    this.ended.value = new Map(this.ended.value).set(turn, seen);
    const rest = new Map(this.answers.value);
    rest.delete(turn);
    this.answers.value = rest;
  }
}

function finished(steps: readonly ToolStep[]): ToolStep[] {
  return steps.map((step) => (step.state === "running" ? { ...step, state: "done" } : step));
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 400);
}

function committed(end: StreamEnd, { text, media }: Answer): Entry {
  return {
    id: end.id,
    conversationId: end.conversationId,
    seq: end.seq,
    role: "agent",
    text,
    createdAt: end.createdAt,
    status: end.stopReason === "cancelled" ? "cancelled" : "committed",
    stopReason: end.stopReason,
    ...(media.length && { media: [...media] }),
    turn: end.turn,
    usage: end.usage,
    durationMs: end.durationMs,
    errorCode: end.errorCode,
    retryable: end.retryable,
    errorKey: end.errorKey,
    errorParams: end.errorParams,
  };
}
