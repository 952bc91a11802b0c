import { expect, test } from "vitest";
import { backoff } from "../src/wire/backoff";
import type { ServerFrame } from "../src/wire/protocol";
import { PING_MS, PLANNED_MS, PONG_MS, SETTLE_MS, Socket } from "../src/wire/socket";
import { Clockwork, settle } from "./clockwork";
import { FakeSocket } from "./fakes";

function world() {
  const clock = new Clockwork();
  const sockets: FakeSocket[] = [];
  const frames: ServerFrame[] = [];
  const facts = { busy: false, tickets: 0, ticketFails: false, opened: 0, closed: 0, errors: [] as string[] };
  const socket = new Socket(
    {
      connect: (protocols, listener) => {
        const raw = new FakeSocket(protocols, listener);
        sockets.push(raw);
        return raw;
      },
      ticket: async () => {
        if (facts.ticketFails) throw new Error("offline");
        return `t${++facts.tickets}`;
      },
      after: clock.after,
      random: () => 0.5,
      busy: () => facts.busy,
    },
    {
      frame: (frame) => frames.push(frame),
      opened: () => facts.opened++,
      closed: () => facts.closed++,
      unreadable: (error) => facts.errors.push(error.message),
    },
  );
  const last = () => sockets.at(-1) as FakeSocket;
  const open = async () => {
    socket.start();
    await settle();
    last().listener.opened();
  };
  return { clock, sockets, frames, facts, socket, last, open };
}

test("each connection brings a ticket of its own beside the protocol", async () => {
  const { socket, last, open } = world();
  await open();
  expect(last().protocols).toEqual(["openclaw.v1", "ticket.t1"]);
  socket.renew();
  await settle();
  expect(last().protocols).toEqual(["openclaw.v1", "ticket.t2"]);
});

test("full jitter stays under a ceiling that doubles to fifteen seconds", () => {
  expect([0, 1, 2, 9].map((attempt) => backoff(attempt, 1))).toEqual([800, 1600, 3200, 15_000]);
  expect(backoff(5, 0)).toBe(0);
});

test("a lost connection is made again after the backoff", async () => {
  const { clock, sockets, facts, last, open, socket } = world();
  await open();
  last().listener.closed();
  expect(socket.state).toBe("waiting");
  await clock.pass(399);
  expect(sockets).toHaveLength(1);
  await clock.pass(1);
  expect(sockets).toHaveLength(2);
  expect(facts.closed).toBe(1);
});

test("without a ticket it tries again, ever later", async () => {
  const { clock, sockets, facts, socket } = world();
  facts.ticketFails = true;
  socket.start();
  await settle();
  await clock.pass(400 + 800 + 1600 - 1);
  facts.ticketFails = false;
  await clock.pass(1);
  expect(sockets).toHaveLength(1);
});

test("a connection that cannot be made is reported once", async () => {
  const { clock, facts, socket } = world();
  facts.ticketFails = true;
  socket.start();
  await settle();
  await clock.pass(60_000);
  expect(facts.closed).toBe(1);
});

test("when the network is back it does not wait for the backoff", async () => {
  const { sockets, last, open, socket } = world();
  await open();
  last().listener.closed();
  socket.nudge();
  await settle();
  expect(sockets).toHaveLength(2);
});

test("a page that comes back asks an open socket whether it lives, and renews one that does not answer", async () => {
  const { clock, sockets, last, open, socket } = world();
  await open();
  socket.nudge();
  expect(last().sent).toEqual(['{"type":"ping"}']);
  await clock.pass(PONG_MS);
  expect(sockets).toHaveLength(2);
  expect(sockets[0]?.closed).toBe(true);
});

test("it pings every four and a half minutes and is content with the pong", async () => {
  const { clock, sockets, last, open } = world();
  await open();
  await clock.pass(PING_MS);
  expect(last().sent).toEqual(['{"type":"ping"}']);
  last().listener.received('{"type":"pong"}');
  await clock.pass(PONG_MS);
  expect(sockets).toHaveLength(1);
});

test("the planned change waits for the end of the turn", async () => {
  const { clock, sockets, facts, last, open } = world();
  await open();
  facts.busy = true;
  while (clock.now < PLANNED_MS + SETTLE_MS * 3) {
    await clock.pass(PING_MS);
    last().listener.received('{"type":"pong"}');
  }
  expect(sockets).toHaveLength(1);
  facts.busy = false;
  await clock.pass(SETTLE_MS);
  expect(sockets).toHaveLength(2);
});

test("when a handler has failed, another connection soon asks for everything again", async () => {
  const { clock, sockets, facts, last, open } = world();
  await open();
  last().listener.received('{"message":"Internal server error","connectionId":"x","requestId":"y"}');
  expect(facts.errors).toEqual([]);
  await clock.pass(4000);
  expect(sockets).toHaveLength(2);
});

const GOAWAY = '{"type":"goaway","reason":"identity","withinMs":180000}';

test("told that it ends, it makes another connection with a new ticket long before, between turns", async () => {
  const { clock, sockets, facts, frames, last, open } = world();
  await open();
  last().listener.received(GOAWAY);
  expect(sockets).toHaveLength(1);
  facts.busy = true;
  await clock.pass(45_000 + SETTLE_MS);
  expect(sockets).toHaveLength(1);
  facts.busy = false;
  await clock.pass(SETTLE_MS);
  expect(sockets).toHaveLength(2);
  expect(last().protocols).toEqual(["openclaw.v1", "ticket.t2"]);
  expect(frames).toEqual([]);
});

test("a turn that does not end holds no connection beyond its time", async () => {
  const { clock, sockets, facts, last, open } = world();
  await open();
  facts.busy = true;
  last().listener.received(GOAWAY);
  await clock.pass(120_000);
  last().listener.received(GOAWAY.replace("180000", "60000"));
  await clock.pass(60_000);
  expect(sockets).toHaveLength(2);
});

test("what an old connection says late is not heard", async () => {
  const { frames, sockets, open, socket, facts } = world();
  await open();
  socket.renew();
  await settle();
  sockets[0]?.listener.received('{"type":"ack","id":"a","conversationId":"c","seq":2}');
  sockets[0]?.listener.closed();
  expect(frames).toEqual([]);
  expect(facts.tickets).toBe(2);
});

test("nothing is sent into a connection that is not open", async () => {
  const { socket, last } = world();
  socket.start();
  await settle();
  expect(socket.send({ type: "status" })).toBe(false);
  last().listener.opened();
  expect(socket.send({ type: "status" })).toBe(true);
});

test("a frame that cannot be read is reported and does not end the connection", async () => {
  const { last, open, facts, socket } = world();
  await open();
  last().listener.received('{"type":"ack","id":"a"}');
  last().listener.received("no json");
  last().listener.received('{"type":"of tomorrow"}');
  expect(facts.errors[0]).toBe("conversationId is missing, wanted a text");
  expect(facts.errors).toHaveLength(2);
  expect(socket.state).toBe("open");
});
