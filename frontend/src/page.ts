// Puts the page together once somebody is signed in: the only place that chooses implementations.
import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Chat } from "./chat/chat";
import { Conversations, type SeenBook } from "./chat/conversations";
import { Links } from "./chat/links";
import { Outbox } from "./chat/outbox";
import { Tabs } from "./chat/tabs";
import { Toasts } from "./chat/toasts";
import { Route } from "./route";
import type { Config } from "./session/config";
import { type Session, SignedOut } from "./session/session";
import { Preferences } from "./settings/settings";
import type { Keeping } from "./store/indexedDb";
import { Api, ApiError } from "./wire/api";
import { ShapeError } from "./wire/shape";
import { type Heard, Socket, type SocketEvents } from "./wire/socket";
import { words } from "./words/words";

function after(ms: number, job: () => void): () => void {
  const timer = setTimeout(job, ms);
  return () => clearTimeout(timer);
}

export class Page {
  readonly toasts = new Toasts(after);
  readonly route = new Route();
  /** Id of the message that was just sent from here: the thread brings it to the top. */
  readonly anchor = signal("");
  /** Words to put into the composer. */
  readonly suggestion = signal("");
  readonly settingsOpen = signal(false);
  readonly sidebarOpen = signal(false);
  readonly api: Api;
  readonly chat: Chat;
  readonly preferences: Preferences;
  readonly links: Links;
  private readonly tabs: Tabs;

  constructor(
    private readonly config: Config,
    readonly session: Session,
    readonly cupboard: Keeping,
  ) {
    this.tabs = new Tabs(`openclaw-${session.userId}`);
    this.api = new Api(config.api, session);
    this.preferences = new Preferences(this.api, () => this.tabs.tell("settings"));
    this.links = new Links(this.api, after, Date.now, (error) => this.trouble(error));
    this.chat = new Chat({
      api: this.api,
      conversations: new Conversations(this.api, seenBook(session.userId), () =>
        this.tabs.tell("conversations"),
      ),
      outbox: (chat) => this.outbox(chat),
      socket: (events) => this.socket(events),
      trouble: (error) => this.trouble(error),
      refused: (refusal) => this.toasts.show(refusal.message, "trouble"),
    });
  }

  start(): void {
    this.listen();
    this.route.follow((id, fresh) => this.chat.show(id, fresh));
    this.chat.start().catch((error) => this.trouble(error));
    this.preferences.load().catch((error) => this.trouble(error));
  }

  /** Says what went wrong, in words for the person. */
  trouble(error: unknown): void {
    if (error instanceof SignedOut) return; // the page is on its way to the provider
    this.toasts.show(explain(error), "trouble");
  }

  /** Reports when it fails. Bound, so that parts may take it out of the page. */
  readonly attempt = (job: Promise<unknown>): void => {
    job.catch((error) => this.trouble(error));
  };

  async send(text: string, conversationId: string): Promise<void> {
    const id = crypto.randomUUID();
    this.anchor.value = id;
    this.route.settle(conversationId);
    await this.chat.outbox.post(id, conversationId, text).catch((error) => this.trouble(error));
  }

  suggest(text: string): void {
    this.suggestion.value = text;
  }

  startFresh(): void {
    this.sidebarOpen.value = false;
    this.route.goFresh();
  }

  remove(id: string, title: string): void {
    if (id === this.chat.current.value) this.route.goFresh();
    const { conversations } = this.chat;
    const run = () => this.attempt(conversations.restore(id).then(() => this.route.goTo(id)));
    const removed = conversations.remove(id);
    this.attempt(
      removed.then(() =>
        this.toasts.show(words.value.removed(title), "plain", { label: words.value.undo, run }),
      ),
    );
  }

  async wake(): Promise<void> {
    this.chat.status.value = await this.api.wake();
  }

  async sleep(): Promise<void> {
    this.chat.status.value = await this.api.sleep();
  }

  private outbox(chat: Chat): Outbox {
    return new Outbox({
      box: this.cupboard,
      send: (frame) => chat.socket.send(frame),
      deaf: () => chat.socket.renew(),
      alone: (job) => this.tabs.alone(job),
      changed: () => this.tabs.tell("outbox"),
      after,
      now: Date.now,
    });
  }

  private socket(events: SocketEvents): Socket {
    const ports = {
      connect: (protocols: string[], heard: Heard) =>
        listen(new WebSocket(this.config.socket, protocols), heard),
      ticket: () => this.api.ticket(),
      after,
      random: Math.random,
      busy: () => this.chat.busy,
    };
    return new Socket(ports, events);
  }

  private listen(): void {
    const nudge = () => document.hidden || this.chat.socket.nudge();
    window.addEventListener("online", nudge);
    document.addEventListener("visibilitychange", nudge);
    window.addEventListener("storage", () => this.chat.conversations.recall());
    this.tabs.listen((news) => {
      if (news === "outbox") void this.chat.outbox.refresh().then(() => this.chat.outbox.flush());
      else if (news === "conversations") void this.chat.loadList();
      else this.preferences.load().catch((error) => this.trouble(error));
    });
  }
}

function listen(socket: WebSocket, heard: Heard): WebSocket {
  socket.onopen = heard.opened;
  socket.onmessage = (event) => heard.received(String(event.data));
  socket.onclose = heard.closed;
  return socket;
}

function explain(error: unknown): string {
  const { offline, odd, wrong } = words.value;
  if (error instanceof ShapeError || error instanceof SyntaxError) return odd;
  if (error instanceof ApiError) return error.code === "offline" ? offline : error.message;
  return error instanceof Error && error.message ? `${wrong} ${error.message}` : wrong;
}

function seenBook(userId: string): SeenBook {
  const key = `openclaw-seen-${userId}`;
  return {
    read: () => JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, number>,
    write: (seen) => localStorage.setItem(key, JSON.stringify(seen)),
  };
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error("no page around this part");
  return page;
}
