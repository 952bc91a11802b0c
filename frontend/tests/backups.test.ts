// When a start could not restore the newest backup, one tap starts the agent from an older one.
import { expect, test } from "vitest";
import { isNotRestored, olderOf } from "../src/chat/backups";
import { ApiError } from "../src/wire/api";
import { type Backup, readBackup } from "../src/wire/backup";
import type { Status } from "../src/wire/status";
import { en } from "../src/words/en";
import { settle } from "./clockwork";
import { Tab } from "./tab";

const point = (id: number, restored: number | null = null): Backup => ({
  id: `${id}`,
  madeAt: `2026-01-0${id}T00:00:00.000Z`,
  restored: restored === null ? null : `${restored}`,
});
const ids = (points: readonly Backup[]) => points.map((one) => one.id);
const BUSY = new ApiError("agent_busy", "the agent is awake", 409);
const DAMAGED = new ApiError("internal", "2 objects of this backup are missing", 503);

/** A cloud with these points, which answers each restore with the next of `answers`, then with yes. */
function cloud(points: Backup[], ...answers: ApiError[]) {
  const calls: string[] = [];
  const tab = new Tab({
    backups: async () => points,
    restore: async (id) => {
      calls.push(`restore ${id}`);
      const refusal = answers.shift();
      if (refusal) throw refusal;
    },
    wake: async () => {
      calls.push("wake");
      return { status: "starting" };
    },
  });
  return { tab, calls };
}

test.each(["backup_damaged", "restore_no_room", "restore_bad_name", "restore_refused"])(
  "%s has a way out",
  (noteCode) => {
    expect(isNotRestored({ status: "idle", noteCode })).toBe(true);
  },
);

test("what passes by itself, or is no matter of the backup, has none", () => {
  const others: Status[] = [
    { status: "idle" },
    { status: "idle", noteCode: "backup_unreadable" },
    { status: "idle", noteCode: "no_capacity" },
    { status: "running", noteCode: "backup_failing" },
  ];
  expect(others.filter(isNotRestored)).toEqual([]);
});

test("older is what lies before what the agent would wake up with", () => {
  expect(ids(olderOf([point(4), point(3), point(1)]))).toEqual(["3", "1"]);
  expect(ids(olderOf([point(5, 3), point(4), point(3), point(2), point(1)]))).toEqual(["2", "1"]);
  expect(ids(olderOf([point(6, 2), point(5, 3), point(4), point(1)]))).toEqual(["1"]);
  expect(ids(olderOf([point(9, 8), point(7, 2), point(5)]))).toEqual(["7", "5"]);
});

test("without an older point there is nothing to offer", async () => {
  expect(olderOf([])).toEqual([]);
  const { tab } = cloud([point(1)]);
  await tab.page.backups.look();
  expect(tab.page.backups.older.value).toBeNull();
});

test("one tap starts the agent from the older backup that was shown", async () => {
  const { tab, calls } = cloud([point(3), point(2), point(1)]);
  await tab.page.backups.look();
  expect(tab.page.backups.older.value).toEqual(point(2));
  await tab.page.goBack();
  expect(calls).toEqual(["restore 2", "wake"]);
  expect(tab.page.chat.status.value?.status).toBe("starting");
});

test("a start that will fail is waited for", async () => {
  const { tab, calls } = cloud([point(2), point(1)], BUSY, BUSY);
  const gone = tab.page.goBack();
  await settle();
  expect(tab.page.backups.isGoingBack.value).toBe(true);
  await tab.clock.pass(10_000);
  await gone;
  expect(calls).toEqual(["restore 1", "restore 1", "restore 1", "wake"]);
  expect(tab.page.backups.isGoingBack.value).toBe(false);
});

test("an agent that stays awake is left alone, and that is told", async () => {
  const { tab, calls } = cloud([point(2), point(1)], ...Array<ApiError>(100).fill(BUSY));
  tab.page.attempt(tab.page.goBack());
  await settle();
  await tab.clock.pass(119_000);
  expect(calls).not.toContain("wake");
  expect(tab.toasts).toEqual([BUSY.message]);
});

test("an older point that is damaged too is passed over", async () => {
  const { tab, calls } = cloud([point(3), point(2), point(1)], DAMAGED);
  await tab.page.goBack();
  expect(calls).toEqual(["restore 2", "restore 1", "wake"]);
});

test("when none of them is whole, or the cloud is away, nothing starts and that is told", async () => {
  const offline = new ApiError("offline", "The cloud cannot be reached.", 0);
  for (const [answers, told] of [
    [[DAMAGED, DAMAGED], DAMAGED.message],
    [[offline], en.offline],
  ] as const) {
    const { tab, calls } = cloud([point(3), point(2), point(1)], ...answers);
    tab.page.attempt(tab.page.goBack());
    await settle();
    expect(calls).toHaveLength(answers.length);
    expect(tab.toasts).toEqual([told]);
  }
});

test("a point is read as the cloud lists it", () => {
  const fields = {
    id: "7",
    madeAt: "2026-01-01T12:00:00.123Z",
    kind: "restored",
    kept: false,
    restored: "3",
  };
  expect(readBackup(fields)).toEqual({ id: "7", madeAt: fields.madeAt, restored: "3" });
  expect(readBackup({ ...fields, restored: null }).restored).toBeNull();
});
