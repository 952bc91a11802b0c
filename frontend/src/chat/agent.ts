// What the orb and the chip show of the agent; pure, the clock comes as a parameter.
import { STEPS, type Status, type Step } from "../wire/status";

export type Mood = "asleep" | "waking" | "ready" | "draining" | "unknown";

const MOODS = { idle: "asleep", starting: "waking", running: "ready", stopping: "draining" } as const;

export interface Waking {
  step: Step;
  index: number;
  elapsed: number;
  /** Seconds a start usually takes, if that is known. */
  usual: number | undefined;
  /** 0 to 1, never quite 1 before it is ready. */
  progress: number;
  late: boolean;
}

const MOST = 0.97;
const GUESS = 34; // seconds; the cloud tells better

/** Seconds of each step as measured (chalicelib/domain/estimate.py): the bar is divided by them. */
const STEP_SECONDS: Record<Step, number> = {
  queued: 2.5,
  container: 20,
  gateway: 7.4,
  workspace: 4.1,
  ready: 0,
};
const ALL_SECONDS = Object.values(STEP_SECONDS).reduce((sum, one) => sum + one, 0);
const BEYOND = 0.25; // how much slower the bar moves behind the end of a step that takes longer

/** What part of a start each step takes; the last one takes none. */
export const SHARES = STEPS.slice(0, -1).map((step) => STEP_SECONDS[step] / ALL_SECONDS);

export function mood(status: Status | null): Mood {
  return status ? MOODS[status.status] : "unknown";
}

export function waking(status: Status, now: number): Waking {
  const step = status.stage ?? "queued";
  const elapsed = status.since ? Math.max(0, (now - Date.parse(status.since)) / 1000) : 0;
  const usual = status.eta?.p50;
  const late = elapsed > (status.eta?.p90 ?? GUESS * 3);
  return {
    step,
    index: STEPS.indexOf(step),
    elapsed,
    usual,
    progress: inStep(STEPS.indexOf(step), progressAt(elapsed, usual ?? GUESS)),
    late,
  };
}

/** The clock's progress, held near what the step that is reached says. */
function inStep(index: number, progress: number): number {
  const before = SHARES.slice(0, index).reduce((sum, one) => sum + one, 0);
  const end = before + (SHARES[index] ?? 0);
  return Math.min(MOST, progress <= end ? Math.max(before, progress) : end + (progress - end) * BEYOND);
}

/** Linear to 80 % at the usual time, then ever slower: a ring that stands still looks broken. */
function progressAt(elapsed: number, usual: number): number {
  const share = elapsed / usual;
  const progress = share <= 1 ? share * 0.8 : 0.8 + 0.2 * (1 - Math.exp(1 - share));
  return Math.min(MOST, progress);
}
