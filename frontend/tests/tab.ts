// A page in a browser and a cloud of the test's own.
import type { Upload } from "../src/chat/attachments";
import { Tabs } from "../src/chat/tabs";
import { Fresh } from "../src/fresh";
import { Page, type PagePorts } from "../src/page";
import { Route } from "../src/route";
import { Look } from "../src/settings/look";
import { OpenHosts } from "../src/settings/openHosts";
import type { UploadOffer } from "../src/wire/attachment";
import type { ServerFrame } from "../src/wire/protocol";
import { Clockwork, settle } from "./clockwork";
import { broadcast, FakeAddress, FakeSocket, fakeApi, keyValues, locks, RefusingStore } from "./fakes";

export const TALK = "11111111-1111-4111-8111-111111111111";

export class FakeUpload implements Upload {
  readonly done: Promise<void>;
  finish = () => {};
  fail = (_error: Error) => {};
  cancelled = false;

  constructor(
    readonly offer: UploadOffer,
    readonly content: Blob,
    readonly progress: (share: number) => void,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  }

  cancel(): void {
    this.cancelled = true;
    this.fail(new Error("cancelled"));
  }
}

/** What all tabs of one browser share. */
export class Browser {
  readonly store = new RefusingStore();
  readonly ports = { channel: broadcast(), withLock: locks() };
  readonly kept = keyValues();
  lastRead: Record<string, number> = {};
}

/** One tab, signed in, on the conversation TALK. */
type Device = "session" | "forget" | "store" | "lastRead" | "tabs" | "route" | "look" | "openHosts";

export class Tab {
  readonly clock = new Clockwork();
  readonly sockets: FakeSocket[] = [];
  readonly uploads: FakeUpload[] = [];
  readonly address = new FakeAddress();
  readonly page: Page;
  returned = () => {};
  stored = () => {};
  signedOut = false;
  private ids = 0;

  constructor(
    api: Partial<PagePorts["api"]> = {},
    readonly browser = new Browser(),
  ) {
    this.address.hash = `#/c/${TALK}`;
    this.page = new Page({
      ...this.device(),
      ...this.events(),
      ...this.upload(),
      ...this.chances(),
      api: fakeApi(api),
    });
  }

  /** Started, with a socket that is open. */
  async open(): Promise<void> {
    this.page.start();
    await this.connect();
  }

  async connect(): Promise<void> {
    await settle();
    this.socket.listener.opened();
    await settle();
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }

  /** Sends as the composer does; the id of the message. */
  async send(text: string): Promise<string> {
    await this.page.dispatch({ kind: "send", conversationId: TALK, text });
    await settle();
    return `id-${this.ids}`;
  }

  /** A message that the cloud has refused. */
  async refusedMessage(): Promise<string> {
    const id = await this.send("hello");
    await this.receive({ type: "error", code: "rate_limited", message: "wait", retryable: true, id });
    return id;
  }

  acked(id: string): Promise<void> {
    return this.receive({ type: "ack", id, conversationId: TALK, seq: 2 });
  }

  async receive(frame: ServerFrame): Promise<void> {
    this.socket.receive(frame);
    await settle();
  }

  /** Texts that went out on this connection. */
  get sent(): string[] {
    return this.socket.frames.flatMap((frame) => (frame.type === "send" ? [frame.text] : []));
  }

  get toasts(): string[] {
    return this.page.toasts.shown.value.map((one) => one.text);
  }

  get outbox() {
    return this.page.chat.outbox.messages.value;
  }

  private device(): Pick<PagePorts, Device> {
    const { store, ports, kept } = this.browser;
    return {
      session: { email: "u@example.com", signOut: () => this.signOut() },
      forget: () => store.clear(),
      store,
      lastRead: {
        read: () => this.browser.lastRead,
        write: (seqs: Record<string, number>) => {
          this.browser.lastRead = seqs;
        },
      },
      tabs: new Tabs("u", ports),
      route: new Route(this.address, this.fresh()),
      look: new Look(kept, { dataset: {} }),
      openHosts: new OpenHosts(kept),
    };
  }

  private async signOut(): Promise<void> {
    this.signedOut = true;
  }

  private fresh(): Fresh {
    return new Fresh({
      tab: keyValues(),
      device: this.browser.kept,
      claim: async () => true,
      newId: () => "fresh",
    });
  }

  private events(): Pick<PagePorts, "connect" | "onReturn" | "onStorage"> {
    return {
      connect: (protocols, listener) => {
        const socket = new FakeSocket(protocols, listener);
        this.sockets.push(socket);
        return socket;
      },
      onReturn: (job) => {
        this.returned = job;
      },
      onStorage: (job) => {
        this.stored = job;
      },
    };
  }

  /** Every upload waits until the test ends it. */
  private upload(): Pick<PagePorts, "upload"> {
    return {
      upload: (offer, content, progress) => {
        const upload = new FakeUpload(offer, content, progress);
        this.uploads.push(upload);
        return upload;
      },
    };
  }

  private chances(): Pick<PagePorts, "after" | "now" | "random" | "newId"> {
    return {
      after: this.clock.after,
      now: () => this.clock.now,
      random: () => 0.5,
      newId: () => `id-${++this.ids}`,
    };
  }
}
