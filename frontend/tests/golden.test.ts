// The frames and answers both sides agree on: the Python tests read the same files.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Api } from "../src/wire/api";
import { type ClientFrame, readFrame, writeFrame } from "../src/wire/protocol";

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../tests/golden/${name}.json`, import.meta.url), "utf8")) as T;
}

type Named<F> = { name: string; frame: F; parsed?: unknown }[];
type Fields = Record<string, unknown>;

const served = golden<Named<Fields>>("server_frames");
const said = golden<Named<ClientFrame>>("client_frames").filter(({ parsed }) => parsed);
const rest = golden<Record<string, Fields>>("rest");

/** What the page has no use for. */
const UNREAD = new Set(["channel", "replaces", "runtime"]);

function known(frame: Fields): Fields {
  return Object.fromEntries(
    Object.entries(frame).filter(([key]) => frame.type !== "message" || !UNREAD.has(key)),
  );
}

test.each(served)("reads the server's $name", ({ frame }) => {
  expect(JSON.parse(JSON.stringify(readFrame(JSON.stringify(frame))))).toEqual(known(frame));
});

test.each(served)("ignores a key it does not know in $name", ({ frame }) => {
  const more = readFrame(JSON.stringify({ ...frame, ofTomorrow: 1 }));
  expect(more).toEqual(readFrame(JSON.stringify(frame)));
});

test("names the key it misses", () => {
  for (const { frame } of served.filter((one) => one.name === "stream_end" || one.name === "ack")) {
    const { conversationId: _, ...less } = frame;
    expect(() => readFrame(JSON.stringify(less))).toThrow("conversationId is missing");
  }
});

/** By name and not by spreading, so that a renamed field fails here. */
function rebuilt(frame: ClientFrame): ClientFrame {
  switch (frame.type) {
    case "send": {
      const { type, id, conversationId, text, attachments, runtime, replaces } = frame;
      const more = {
        ...(attachments && { attachments }),
        ...(runtime && { runtime }),
        ...(replaces && { replaces }),
      };
      return { type, id, conversationId, text, ...more };
    }
    case "resume": {
      const { type, conversationId, after, turn, chunk } = frame;
      return { type, conversationId, after, ...(turn && { turn, chunk: chunk ?? 0 }) };
    }
    case "approve":
      return { type: frame.type, id: frame.id, decision: frame.decision };
    case "cancel":
      return { type: frame.type, turn: frame.turn };
    default:
      return { type: frame.type };
  }
}

test.each(said)("says $name as the server reads it", ({ frame }) => {
  expect(JSON.parse(writeFrame(rebuilt(frame)))).toEqual(frame);
});

/** A page whose every call is answered from the golden file. */
function api(): Api {
  const answer = (path: string, init?: RequestInit) => {
    const route = path
      .replace(/\/conversations\/[^/?]+.*/, "/conversations/{id}")
      .replace(/\/media\/.+/, "/media/{id}")
      .replace(/\/search\?.+/, "/search")
      .replace("/links/telegram-4711", "/links/{id}")
      .replace("/links/telegram", "/links/{channel}");
    return new Response(JSON.stringify(rest[`${init?.method} ${route}`]), { status: 200 });
  };
  const bearer = { token: async () => "t", renew: async () => "t", end: async () => {} };
  return new Api("", bearer, async (path, init) => answer(String(path), init));
}

function withoutTime(route: string): Fields {
  const { expiresAt: _, ...read } = rest[route] as Fields;
  return read;
}

test("reads every answer of the REST side", async () => {
  expect(await api().ticket()).toBe("c2l4dGVlbg");
  expect(await api().status()).toMatchObject({ status: "starting", stage: "gateway", eta: { p50: 31.5 } });
  expect(await api().wake()).toMatchObject({ status: "starting" });
  expect(await api().sleep()).toMatchObject({ status: "stopping" });
  expect(await api().halt(true)).toMatchObject({ status: "stopping", noteCode: "halted" });
  expect(await api().signOutEverywhere()).toBeUndefined();
  expect(await api().conversations()).toEqual(rest["GET /conversations"]);
  expect((await api().history("c", 5)).messages.map((entry) => entry.role)).toEqual([
    "user",
    "agent",
    "user",
  ]);
  expect((await api().history("c")).before).toBe(1);
  const { hits, after } = await api().search("seoul", "mark");
  expect(hits.map((hit) => hit.said?.seq)).toEqual([undefined, 2]);
  expect(after).toBe((rest["GET /search"] as Fields).after);
  expect(await api().change("c", { title: "Weather" })).toMatchObject({ title: "Weather" });
  expect(await api().remove("c")).toBeUndefined();
  expect(await api().settings()).toEqual(rest["GET /settings"]);
  const wanted = {
    model: "anthropic/claude-opus-5",
    idleMinutes: 30,
    language: "ko",
    mirrorToTelegram: true,
    permissionMode: "guarded",
    ownWorkHours: 24,
  } as const;
  expect(await api().saveSettings(wanted)).toEqual(wanted);
  expect(await api().models()).toEqual(rest["GET /models"]);
  expect(await api().links()).toEqual(rest["GET /links"]);
  expect(await api().media("55555555-5555-5555-8555-555555555555")).toEqual(rest["GET /media/{id}"]);
  expect(await api().offerUpload("로그.txt", "text/plain", 300000)).toEqual(withoutTime("POST /uploads"));
  expect(await api().offerLink("telegram")).toEqual(rest["POST /links/{channel}"]);
  expect(await api().confirmLink("telegram-4711")).toEqual(rest["POST /links/{id}/confirm"]);
  expect(await api().removeLink("telegram-4711")).toBeUndefined();
});

test("a mode of tomorrow is never read, and so never saved, as one of today", async () => {
  const answered = (permissionMode: unknown) => {
    const body = { ...rest["GET /settings"], permissionMode };
    const bearer = { token: async () => "t", renew: async () => "t", end: async () => {} };
    return new Api("", bearer, async () => new Response(JSON.stringify(body))).settings();
  };
  await expect(answered("read-only")).rejects.toThrow("permissionMode");
  expect((await answered(null)).permissionMode).toBe("full");
});

test("in a state of tomorrow nothing is to be decided", () => {
  const frame = served.find((one) => one.name === "approval")?.frame;
  expect(readFrame(JSON.stringify({ ...frame, state: "escalated" }))).toMatchObject({ state: "expired" });
});

test("an error's words come from the server", async () => {
  const refuse = async () => new Response(JSON.stringify(rest["an error"]), { status: 404 });
  const bearer = { token: async () => "t", renew: async () => "t", end: async () => {} };
  await expect(new Api("", bearer, refuse).status()).rejects.toMatchObject({
    code: "not_found",
    status: 404,
  });
});

test("API Gateway's own refusal of too many requests is one of ours", async () => {
  const refuse = async () => new Response(JSON.stringify({ message: "Too Many Requests" }), { status: 429 });
  const bearer = { token: async () => "t", renew: async () => "t", end: async () => {} };
  await expect(new Api("", bearer, refuse).status()).rejects.toMatchObject({ code: "rate_limited" });
});

test("an identity of before a sign-out everywhere ends the session, and nothing is asked again", async () => {
  const refuse = async () => new Response(JSON.stringify(rest["an error, signed out"]), { status: 403 });
  const calls: string[] = [];
  const bearer = {
    token: async () => "old",
    renew: async () => "new",
    end: async () => void calls.push("end"),
  };
  await expect(new Api("", bearer, refuse).ticket()).rejects.toMatchObject({ code: "signed_out" });
  expect(calls).toEqual(["end"]);
});

test("a token the cloud no longer believes is renewed once", async () => {
  const tokens: string[] = [];
  const request = async (_: unknown, init?: RequestInit) => {
    const token = new Headers(init?.headers).get("Authorization") ?? "";
    tokens.push(token);
    const ok = token === "Bearer new";
    return new Response(JSON.stringify(ok ? rest["GET /status"] : {}), { status: ok ? 200 : 401 });
  };
  const bearer = { token: async () => "old", renew: async () => "new", end: async () => {} };
  expect((await new Api("", bearer, request).status()).status).toBe("starting");
  expect(tokens).toEqual(["Bearer old", "Bearer new"]);
});
