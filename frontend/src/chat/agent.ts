// What the orb and the chip show of the agent; pure, the clock comes as a parameter.
import { STEPS, type Status, type Step } from "../wire/status";

export type Mood = "asleep" | "waking" | "ready" | "draining" | "unknown";

const MOODS = { idle: "asleep", starting: "waking", running: "ready", stopping: "draining" } as const;

export interface Waking {
  step: Step;
  index: number;
  count: number;
  elapsed: number;
  /** Seconds a start usually takes, if that is known. */
  usual: number | undefined;
  /** 0 to 1, never quite 1 before it is ready. */
  progress: number;
  late: boolean;
}

const MOST = 0.97;
const GUESS = 40; // seconds, before the first start of this deployment was measured

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
    count: STEPS.length,
    elapsed,
    usual,
    progress: progressAt(elapsed, usual ?? GUESS),
    late,
  };
}

/** Linear to 80 % at the usual time, then ever slower: a ring that stands still looks broken. */
function progressAt(elapsed: number, usual: number): number {
  const share = elapsed / usual;
  const progress = share <= 1 ? share * 0.8 : 0.8 + 0.2 * (1 - Math.exp(1 - share));
  return Math.min(MOST, progress);
}
