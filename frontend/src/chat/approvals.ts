// What the agent asks before it acts: each question once, and the person's decisions on their way to the cloud.
import { signal } from "@preact/signals";
import type { ApprovalFrame, ClientFrame, Decision } from "../wire/protocol";

export type Approval = Pick<ApprovalFrame, "id" | "command" | "cwd" | "state" | "expiresAt">;

/** The approvals with this frame's; told again, one that was decided is not open once more. */
export function told(approvals: readonly Approval[], frame: ApprovalFrame): readonly Approval[] {
  const { id, command, cwd, state, expiresAt } = frame;
  const fresh: Approval = { id, command, cwd, state, expiresAt };
  if (!approvals.some((one) => one.id === id)) return [...approvals, fresh];
  if (state === "open") return approvals;
  return approvals.map((one) => (one.id === id ? fresh : one));
}

/** Nobody waits any more for the answer to those that are `over`. */
export function expired(
  approvals: readonly Approval[],
  over = (_one: Approval) => true,
): readonly Approval[] {
  return approvals.map((one) => (one.state === "open" && over(one) ? { ...one, state: "expired" } : one));
}

export class Decisions {
  /** Those whose decision was sent, until it is answered or the connection is another one. */
  readonly sent = signal<ReadonlySet<string>>(new Set());

  constructor(private readonly send: (frame: ClientFrame) => boolean) {}

  /** Once for each. False without a connection: what is decided counts now, and not later. */
  decide(id: string, decision: Decision): boolean {
    if (this.sent.value.has(id)) return true;
    if (!this.send({ type: "approve", id, decision })) return false;
    this.sent.value = new Set(this.sent.value).add(id);
    return true;
  }

  answered(id: string): void {
    if (this.sent.value.has(id)) this.sent.value = new Set([...this.sent.value].filter((one) => one !== id));
  }

  /** On another connection: what was decided without an answer may have been lost. */
  renewed(): void {
    if (this.sent.value.size) this.sent.value = new Set();
  }
}
