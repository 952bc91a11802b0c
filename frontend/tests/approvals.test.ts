// What the agent asks before it acts: how it is held, and how a decision goes out.
import { expect, test } from "vitest";
import { addApproval, addWaiting, begin, openApproval } from "../src/chat/answer";
import { expired, told } from "../src/chat/approvals";
import type { ApprovalFrame, Refusal } from "../src/wire/protocol";
import { en } from "../src/words/en";
import { type FakeSocket, listed } from "./fakes";
import { TALK, Tab } from "./tab";

const frame = (id: string, state: ApprovalFrame["state"] = "open", n = 1): ApprovalFrame => ({
  type: "approval",
  conversationId: TALK,
  turn: "q",
  n,
  id,
  command: `rm ${id}`,
  cwd: "workspace",
  state,
  ...(state === "open" && { expiresAt: "2026-01-01T12:30:00.000Z" }),
});
const QUESTION = {
  id: "q",
  conversationId: TALK,
  seq: 1,
  role: "user",
  text: "clean up",
  createdAt: "2026-01-01T12:00:00.000Z",
  status: "pending",
} as const;
const END = { ...QUESTION, id: "q:answer", seq: 2, role: "agent", status: "committed", turn: "q" } as const;
const refusal = (code: string, id: string): Refusal => ({
  type: "error",
  code,
  message: `${code}, in words`,
  retryable: code === "rate_limited",
  id,
});

const states = (...frames: ApprovalFrame[]) =>
  frames.reduce<ReturnType<typeof told>>((all, one) => told(all, one), []).map((one) => [one.id, one.state]);

test("approvals are held by id, in the order in which they were asked", () => {
  expect(states(frame("a"), frame("b"), frame("a", "allowed", 3))).toEqual([
    ["a", "allowed"],
    ["b", "open"],
  ]);
});

test.each(["allowed", "denied", "expired"] as const)("one that was %s is never open again", (state) => {
  expect(states(frame("a"), frame("a", state, 2), frame("a"))).toEqual([["a", state]]);
});

test("what really became of one that was thought to be over is shown", () => {
  const over = expired(told([], frame("a")));
  expect(told(over, frame("a"))).toBe(over);
  expect(told(over, frame("a", "allowed", 2))[0]?.state).toBe("allowed");
});

test("only what is open ends with its turn", () => {
  const both = told(told([], frame("a", "allowed")), frame("b"));
  expect(expired(both).map((one) => one.state)).toEqual(["allowed", "expired"]);
});

test("a machine that takes a turn over counts from one again, and what it asks is shown", () => {
  const twice = addApproval(addApproval(begin(TALK, "q"), frame("a", "open", 1)), frame("b", "open", 1));
  expect(twice.approvals.map((one) => one.id)).toEqual(["a", "b"]);
  expect(openApproval(twice)?.id).toBe("b");
});

test("while the agent waits for the person, no model is said to think for long", () => {
  const waiting = { type: "waiting", conversationId: TALK, turn: "q", seconds: 90 } as const;
  const asking = addApproval(addWaiting(begin(TALK, "q"), waiting), frame("a"));
  expect(asking.silent).toBe(0);
  expect(addWaiting(asking, waiting).silent).toBe(0);
  expect(addWaiting(addApproval(asking, frame("a", "denied", 2)), waiting).silent).toBe(90);
});

/** A page on whose conversation the agent has asked. */
async function asking(...frames: ApprovalFrame[]) {
  const tab = new Tab({
    conversations: async () => ({ conversations: [listed(TALK), listed("d")], after: null }),
    history: async (id) => ({ messages: id === TALK ? [QUESTION] : [], before: null }),
  });
  await tab.open();
  for (const each of frames.length ? frames : [frame("a")]) await tab.receive(each);
  const { chat } = tab.page;
  const said = (socket: FakeSocket = tab.socket) => socket.frames.filter((one) => one.type === "approve");
  const state = () => {
    const talk = chat.open.find(TALK);
    const answer = talk?.answers.value.get("q") ?? talk?.ended.value.get("q");
    return answer?.approvals.map((one) => one.state);
  };
  const isSent = () => chat.decisions.sent.value.has("a");
  return { tab, chat, said, state, isSent };
}

test("a decision goes out once, and is on its way until the cloud tells what became of it", async () => {
  const { tab, chat, said, state, isSent } = await asking();
  chat.decide("a", "allow");
  chat.decide("a", "allow");
  chat.decide("a", "deny");
  expect(said()).toEqual([{ type: "approve", id: "a", decision: "allow" }]);
  expect(isSent()).toBe(true);
  await tab.receive(frame("a"));
  expect(isSent()).toBe(true);
  await tab.receive(frame("a", "allowed", 2));
  expect([isSent(), state()]).toEqual([false, ["allowed"]]);
});

test("what another tab decided is shown here", async () => {
  const { tab, said, state } = await asking();
  await tab.receive(frame("a", "denied", 2));
  expect([said(), state()]).toEqual([[], ["denied"]]);
});

test("one that is not open any more says so itself, and then what became of it", async () => {
  const { tab, chat, state, isSent } = await asking();
  chat.decide("a", "deny");
  await tab.receive(refusal("not_found", "a"));
  expect([isSent(), state(), tab.toasts]).toEqual([false, ["expired"], []]);
  await tab.receive(frame("a", "allowed", 2));
  expect(state()).toEqual(["allowed"]);
});

test("a refusal that comes behind the turn's end is no news either", async () => {
  const { tab, chat, state } = await asking();
  chat.decide("a", "deny");
  await tab.receive({ type: "message", ...END });
  await tab.receive(refusal("not_found", "a"));
  expect([state(), tab.toasts]).toEqual([["expired"], []]);
});

test("what is not found and no approval is said as before", async () => {
  const { tab } = await asking();
  await tab.receive(refusal("not_found", "something else"));
  expect(tab.toasts).toEqual(["not_found, in words"]);
});

test("too much at once is said, and the card can be used again", async () => {
  const { tab, chat, said, state, isSent } = await asking();
  chat.decide("a", "deny");
  await tab.receive(refusal("rate_limited", "a"));
  expect([isSent(), state(), tab.toasts]).toEqual([false, ["open"], ["rate_limited, in words"]]);
  chat.decide("a", "deny");
  expect(said()).toHaveLength(2);
});

test("a decision that another connection may have lost can be made again there", async () => {
  const { tab, chat, said, isSent } = await asking();
  chat.decide("a", "allow");
  tab.sockets[0]?.listener.closed();
  expect(isSent()).toBe(true);
  tab.returned();
  await tab.connect();
  expect([isSent(), said()]).toEqual([false, []]);
  chat.decide("a", "allow");
  expect(said()).toHaveLength(1);
});

test("without a connection nothing is decided, now or later, and the person is told", async () => {
  const { tab, chat, said, isSent } = await asking();
  tab.sockets[0]?.listener.closed();
  chat.decide("a", "allow");
  expect([isSent(), tab.toasts]).toEqual([false, [en.offline]]);
  tab.returned();
  await tab.connect();
  expect(said()).toEqual([]);
});

test("a turn that has ended has no open card, and hears of it no more", async () => {
  const { tab, chat, state } = await asking(frame("a", "allowed"), frame("b"));
  expect(chat.open.find(TALK)?.asks?.id).toBe("b");
  await tab.receive({ type: "message", ...END });
  await tab.receive(frame("c"));
  expect(state()).toEqual(["allowed", "expired"]);
  expect(chat.open.find(TALK)?.asks).toBeUndefined();
});

test("what is written and sent while the agent asks decides nothing", async () => {
  const { tab, said, state } = await asking();
  await tab.send("yes");
  expect([said(), state(), tab.sent]).toEqual([[], ["open"], ["yes"]]);
});

test("a conversation that is not shown has something new while its agent asks", async () => {
  const { tab, chat } = await asking();
  chat.show("d", false);
  expect(chat.open.find(TALK)?.asks?.id).toBe("a");
  await tab.receive(frame("a", "denied", 2));
  expect(chat.open.find(TALK)?.asks).toBeUndefined();
});
