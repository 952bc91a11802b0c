// How long to wait before the next connection: full jitter under a doubling ceiling.

export const FIRST_MS = 800;
export const MOST_MS = 15_000;

/** `attempt` counts from 0; `random` is in [0, 1). */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** attempt);
  return Math.round(ceiling * random);
}
