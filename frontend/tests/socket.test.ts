import { expect, test } from "vitest";
import { backoff } from "../src/wire/backoff";
import type { ServerFrame } from "../src/wire/protocol";
import { type Heard, PING_MS, PLANNED_MS, PONG_MS, SETTLE_MS, Socket } from "../src/wire/socket";
import { Clockwork, settle } from "./clockwork";

class Line {
  readonly sent: string[] = [];
  closed = false;
  constructor(
    readonly protocols: string[],
    readonly heard: Heard,
  ) {}
  send(body: string): void {
    this.sent.push(body);
  }
  close(): void {
    this.closed = true;
  }
}

function world() {
  const clock = new Clockwork();
  const lines: Line[] = [];
  const frames: ServerFrame[] = [];
  const facts = { busy: false, tickets: 0, ticketFails: false, opened: 0, closed: 0, broken: [] as string[] };
  const socket = new Socket(
    {
      connect: (protocols, heard) => {
        const line = new Line(protocols, heard);
        lines.push(line);
        return line;
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
      broken: (error) => facts.broken.push(error.message),
    },
  );
  const last = () => lines.at(-1) as Line;
  const open = async () => {
    socket.start();
    await settle();
    last().heard.opened();
  };
  return { clock, lines, frames, facts, socket, last, open };
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
  const { clock, lines, facts, last, open, socket } = world();
  await open();
  last().heard.closed();
  expect(socket.link).toBe("waiting");
  await clock.pass(399);
  expect(lines).toHaveLength(1);
  await clock.pass(1);
  expect(lines).toHaveLength(2);
  expect(facts.closed).toBe(1);
});

test("without a ticket it tries again, ever later", async () => {
  const { clock, lines, facts, socket } = world();
  facts.ticketFails = true;
  socket.start();
  await settle();
  await clock.pass(400 + 800 + 1600 - 1);
  facts.ticketFails = false;
  await clock.pass(1);
  expect(lines).toHaveLength(1);
});

test("a line that cannot be made is told of once", async () => {
  const { clock, facts, socket } = world();
  facts.ticketFails = true;
  socket.start();
  await settle();
  await clock.pass(60_000);
  expect(facts.closed).toBe(1);
});

test("when the network is back it does not wait for the backoff", async () => {
  const { lines, last, open, socket } = world();
  await open();
  last().heard.closed();
  socket.nudge();
  await settle();
  expect(lines).toHaveLength(2);
});

test("a page that comes back asks an open socket whether it lives, and renews one that does not answer", async () => {
  const { clock, lines, last, open, socket } = world();
  await open();
  socket.nudge();
  expect(last().sent).toEqual(['{"type":"ping"}']);
  await clock.pass(PONG_MS);
  expect(lines).toHaveLength(2);
  expect(lines[0]?.closed).toBe(true);
});

test("it pings every four and a half minutes and is content with the pong", async () => {
  const { clock, lines, last, open } = world();
  await open();
  await clock.pass(PING_MS);
  expect(last().sent).toEqual(['{"type":"ping"}']);
  last().heard.received('{"type":"pong"}');
  await clock.pass(PONG_MS);
  expect(lines).toHaveLength(1);
});

test("the planned change waits for the end of the turn", async () => {
  const { clock, lines, facts, last, open } = world();
  await open();
  facts.busy = true;
  while (clock.now < PLANNED_MS + SETTLE_MS * 3) {
    await clock.pass(PING_MS);
    last().heard.received('{"type":"pong"}');
  }
  expect(lines).toHaveLength(1);
  facts.busy = false;
  await clock.pass(SETTLE_MS);
  expect(lines).toHaveLength(2);
});

test("goaway is honoured between turns, and in the middle of one when its time is over", async () => {
  const { clock, lines, facts, last, open } = world();
  await open();
  last().heard.received('{"type":"goaway","reason":"deploy","withinMs":4000}');
  await clock.pass(1000);
  expect(lines).toHaveLength(2);
  last().heard.opened();
  facts.busy = true;
  last().heard.received('{"type":"goaway","reason":"deploy","withinMs":4000}');
  await clock.pass(3999);
  expect(lines).toHaveLength(2);
  await clock.pass(1);
  expect(lines).toHaveLength(3);
});

test("when a handler has failed, another connection soon asks for everything again", async () => {
  const { clock, lines, facts, last, open } = world();
  await open();
  last().heard.received('{"message":"Internal server error","connectionId":"x","requestId":"y"}');
  expect(facts.broken).toEqual([]);
  await clock.pass(4000);
  expect(lines).toHaveLength(2);
});

test("what an old connection says late is not heard", async () => {
  const { frames, lines, open, socket, facts } = world();
  await open();
  socket.renew();
  await settle();
  lines[0]?.heard.received('{"type":"ack","id":"a","conversationId":"c","seq":2}');
  lines[0]?.heard.closed();
  expect(frames).toEqual([]);
  expect(facts.tickets).toBe(2);
});

test("nothing is sent into a connection that is not open", async () => {
  const { socket, last } = world();
  socket.start();
  await settle();
  expect(socket.send({ type: "status" })).toBe(false);
  last().heard.opened();
  expect(socket.send({ type: "status" })).toBe(true);
});

test("a frame that cannot be read is reported and does not end the connection", async () => {
  const { last, open, facts, socket } = world();
  await open();
  last().heard.received('{"type":"ack","id":"a"}');
  last().heard.received("no json");
  last().heard.received('{"type":"of tomorrow"}');
  expect(facts.broken[0]).toBe("conversationId is missing, wanted a text");
  expect(facts.broken).toHaveLength(2);
  expect(socket.link).toBe("open");
});
