import { expect, test } from "vitest";
import { Links } from "../src/chat/links";
import type { Link } from "../src/wire/api";

const ASKING: Link = {
  id: "telegram-1",
  channel: "telegram",
  state: "asked",
  name: "Ada",
  username: null,
  since: "2026-01-01T12:00:00.000Z",
};
const OFFER = { code: "K7XM-29QP", url: "https://t.me/b?start=x", expiresAt: "2026-01-01T12:10:00.000Z" };

/** The cloud's side, and a clock: `look` lets the time pass until the panel looks again. */
function scene() {
  const cloud = { links: [] as Link[], calls: [] as string[], channels: null as string[] | null };
  const jobs: (() => void | Promise<void>)[] = [];
  const time = { now: Date.parse("2026-01-01T12:00:00Z") };
  const errors: unknown[] = [];
  const api = {
    links: async () => ({ links: cloud.links, channels: cloud.channels }),
    offerLink: async () => OFFER,
    confirmLink: async (id: string) => {
      cloud.calls.push(`confirm ${id}`);
      cloud.links = cloud.links.map((link) => ({ ...link, state: "linked" as const }));
      return { ...ASKING, state: "linked" as const };
    },
    removeLink: async (id: string) => {
      cloud.calls.push(`remove ${id}`);
      cloud.links = [];
    },
  };
  const after = (_: number, job: () => void) => {
    jobs.push(job);
    return () => jobs.splice(jobs.indexOf(job), 1);
  };
  const links = new Links(
    api,
    after,
    () => time.now,
    (error) => errors.push(error),
  );
  const look = async () => jobs.shift()?.();
  return { cloud, links, jobs, time, look, api, errors };
}

test("the chat that sends the code appears by itself and is confirmed", async () => {
  const { cloud, links, look } = scene();
  await links.begin();
  await look();
  expect(links.list.value).toEqual([]);
  cloud.links = [ASKING];
  await look();
  expect(links.list.value).toEqual([ASKING]);
  await links.confirm("telegram-1");
  expect(links.offer.value).toBeNull();
  expect(links.list.value[0]?.state).toBe("linked");
});

test("a code whose time is over disappears, and nobody looks any more", async () => {
  const { links, look, time, jobs } = scene();
  await links.begin();
  time.now += 10 * 60_000;
  await look();
  expect(links.offer.value).toBeNull();
  expect(jobs).toEqual([]);
});

test("a panel that is closed looks no more", async () => {
  const { links, jobs } = scene();
  await links.begin();
  links.leave();
  expect(jobs).toEqual([]);
});

test("a chat is unlinked or refused", async () => {
  const { cloud, links } = scene();
  cloud.links = [ASKING];
  await links.load();
  await links.remove("telegram-1");
  expect(cloud.calls).toEqual(["remove telegram-1"]);
  expect(links.list.value).toEqual([]);
});

test("a look that fails is reported, and the next one comes", async () => {
  const { links, api, look, errors, jobs } = scene();
  await links.begin();
  api.links = async () => {
    throw new Error("away");
  };
  await look();
  expect(errors).toHaveLength(1);
  expect(jobs).toHaveLength(1);
});

test("a deployment without a bot says so before anybody asks for a code", async () => {
  const { cloud, links } = scene();
  await links.load();
  expect(links.hasNoBot.value).toBe(false); // a cloud that does not say may have one
  cloud.channels = [];
  await links.load();
  expect(links.hasNoBot.value).toBe(true);
  cloud.channels = ["telegram"];
  await links.load();
  expect(links.hasNoBot.value).toBe(false);
});
