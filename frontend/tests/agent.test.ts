import { expect, test } from "vitest";
import { mood, SHARES, waking } from "../src/chat/agent";
import type { Status } from "../src/wire/status";

const SINCE = "2026-01-01T00:00:00.000Z";
const at = (seconds: number) => Date.parse(SINCE) + seconds * 1000;
const starting: Status = { status: "starting", stage: "gateway", since: SINCE, eta: { p50: 40, p90: 60 } };

test("the four states have four moods", () => {
  const moods = (["idle", "starting", "running", "stopping"] as const).map((status) => mood({ status }));
  expect(moods).toEqual(["asleep", "waking", "ready", "draining"]);
  expect(mood(null)).toBe("unknown");
});

test("the ring always moves on and never closes before the agent is ready", () => {
  const ring = [0, 10, 20, 40, 60, 120, 600].map((seconds) => waking(starting, at(seconds)).progress);
  expect([...ring].sort((a, b) => a - b)).toEqual(ring);
  expect(ring[3]).toBeCloseTo(0.8);
  expect(Math.max(...ring)).toBeLessThan(1);
});

test("it is late after the ninetieth percentile", () => {
  expect(waking(starting, at(59)).late).toBe(false);
  expect(waking(starting, at(61)).late).toBe(true);
});

test("a clock that runs behind the cloud's shows no negative time", () => {
  expect(waking(starting, at(-5)).elapsed).toBe(0);
});

test("before the first start was measured there is no estimate to show", () => {
  expect(waking({ status: "starting", since: SINCE }, at(5))).toMatchObject({
    usual: undefined,
    step: "queued",
  });
});

test("the bar stands where the step that is reached begins, and hardly goes beyond its end", () => {
  const progress = (stage: Status["stage"], seconds: number) =>
    waking({ ...starting, stage }, at(seconds)).progress;
  expect(progress("gateway", 1)).toBeGreaterThan(0.6);
  expect(progress("queued", 30)).toBeLessThan(0.25);
  expect(progress("queued", 31)).toBeGreaterThan(progress("queued", 30));
  expect(SHARES.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1);
});
