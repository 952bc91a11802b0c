// The page of somebody who is signed in: what its parts are made of, and what a person can do with it.

import { type AttachmentPorts, Attachments } from "./chat/attachments";
import { Backups } from "./chat/backups";
import { Chat } from "./chat/chat";
import { Conversations, type LastReadStore } from "./chat/conversations";
import { Drafts } from "./chat/drafts";
import { Links } from "./chat/links";
import { Places } from "./chat/places";
import { Search } from "./chat/search";
import type { Tabs } from "./chat/tabs";
import { Toasts } from "./chat/toasts";
import { explain } from "./explain";
import type { After } from "./ports";
import type { Route } from "./route";
import { type Session, SignedOut } from "./session/session";
import type { Look } from "./settings/look";
import type { OpenHosts } from "./settings/openHosts";
import { Settings } from "./settings/settings";
import type { PageStore } from "./store/store";
import { View } from "./view";
import type { Api } from "./wire/api";
import type { Attachment } from "./wire/attachment";
import type { Hit } from "./wire/hit";
import type { SocketPorts } from "./wire/socket";
import { refusalOf, words } from "./words/words";

/** What a person can do with a message of theirs. */
export type MessageAction =
  | { kind: "send"; conversationId: string; text: string; attachments?: readonly Attachment[] | undefined }
  | { kind: "retry"; id: string }
  | { kind: "discard"; id: string };

/** How a person signs out. */
export interface Leave {
  everywhere: boolean;
  /** Whether this browser keeps nothing of theirs. */
  forget: boolean;
}

export interface PagePorts {
  api: Pick<Api, keyof Api>;
  session: Pick<Session, "email" | "signOut">;
  /** Removes what this browser keeps of the person: drafts, the outbox, what was read. */
  forget(): Promise<void>;
  store: PageStore;
  lastRead: LastReadStore;
  tabs: Tabs;
  route: Route;
  look: Look;
  openHosts: OpenHosts;
  connect: SocketPorts["connect"];
  upload: AttachmentPorts["upload"];
  /** Calls `job` when the network is back, or the person looks at the page again. */
  onReturn(job: () => void): void;
  /** Calls `job` when another tab has changed what is kept on this device. */
  onStorage(job: () => void): void;
  after: After;
  now(): number;
  random(): number;
  newId(): string;
}

export class Page {
  readonly view = new View();
  readonly toasts: Toasts;
  readonly drafts: Drafts;
  readonly attachments: Attachments;
  readonly settings: Settings;
  readonly openHosts: OpenHosts;
  readonly links: Links;
  readonly places: Places;
  readonly backups: Backups;
  readonly search: Search;
  readonly chat: Chat;

  constructor(private readonly ports: PagePorts) {
    const { api, after, tabs } = ports;
    this.toasts = new Toasts(after);
    this.drafts = new Drafts(ports.store);
    this.attachments = this.newAttachments();
    this.settings = new Settings(api, ports.look, () => tabs.announce("settings"));
    this.openHosts = ports.openHosts;
    this.links = new Links(api, after, ports.now, (error) => this.report(error));
    this.places = new Places(api, ports.now);
    this.backups = new Backups(api, after);
    this.search = new Search(api, after, (error) => this.report(error));
    this.chat = this.newChat();
  }

  start(): void {
    this.listen();
    this.ports.route.follow((id, fresh) => {
      if (this.view.goal.value?.conversationId !== id) this.view.goal.value = null;
      this.chat.show(id, fresh);
    });
    this.attempt(this.chat.start());
    this.attempt(this.settings.load());
  }

  /** Somebody else may sign in: nothing is asked for any more. */
  stop(): void {
    this.chat.socket.stop();
  }

  get email(): string {
    return this.ports.session.email;
  }

  /** Says what went wrong, in words for the person. */
  report(error: unknown): void {
    if (error instanceof SignedOut) return; // the page is on its way to the provider
    this.toasts.show(explain(error), "error");
  }

  /** Reports when it fails. Bound, so that parts may take it out of the page. */
  readonly attempt = (job: Promise<unknown>): void => {
    job.catch((error) => this.report(error));
  };

  /** The only way for a message of the person's, out or away: reports when it fails, and never throws. */
  async dispatch(action: MessageAction): Promise<void> {
    await this.perform(action).catch((error) => this.report(error));
  }

  suggest(text: string): void {
    this.view.suggestion.value = text;
  }

  /** An empty conversation, with `text` to go on from. */
  async startOver(text: string): Promise<void> {
    const id = this.ports.route.freshId;
    if (!(await this.drafts.read(id))) await this.drafts.write(id, text);
    this.startFresh();
  }

  chooseModel(): void {
    this.view.settingsOpen.value = true;
  }

  /** To where something was said; its link changes the address. */
  lead({ conversationId, said }: Hit): void {
    this.view.sidebarOpen.value = false;
    this.view.goal.value = said && { conversationId, seq: said.seq };
  }

  startFresh(): void {
    this.view.sidebarOpen.value = false;
    this.ports.route.goFresh();
  }

  remove(id: string, title: string): void {
    const { route } = this.ports;
    if (id === this.chat.open.currentId.value) route.goFresh();
    const { conversations } = this.chat;
    const run = () => this.attempt(conversations.restore(id).then(() => route.goTo(id)));
    const removed = conversations.remove(id);
    this.attempt(
      removed.then(() =>
        this.toasts.show(words.value.removed(title), "plain", { label: words.value.undo, run }),
      ),
    );
  }

  async wake(): Promise<void> {
    this.chat.status.value = await this.ports.api.wake();
  }

  async halt(halted: boolean): Promise<void> {
    this.chat.status.value = await this.ports.api.halt(halted);
  }

  async sleep(): Promise<void> {
    this.chat.status.value = await this.ports.api.sleep();
  }

  /** Starts the agent from an older backup, because the newest one cannot be restored. */
  async goBack(): Promise<void> {
    this.chat.status.value = await this.backups.goBack();
  }

  /** Who cannot be signed out everywhere, or whose browser does not forget, is told so and stays. */
  async signOut({ everywhere, forget }: Leave): Promise<void> {
    this.stop();
    try {
      if (forget) await this.ports.forget(); // first: once signed out, any other call may end this page
      if (forget) this.openHosts.clear();
      if (everywhere) await this.ports.api.signOutEverywhere();
    } catch (error) {
      this.chat.socket.start();
      throw error;
    }
    await this.ports.session.signOut();
  }

  private async perform(action: MessageAction): Promise<void> {
    if (action.kind === "discard") return this.chat.outbox.discard(action.id);
    if (action.kind === "send") return this.send(action.conversationId, action.text, action.attachments);
    this.view.bringUp(action.id);
    await this.chat.outbox.retry(action.id);
  }

  /** The draft is given up only when the message is stored: until then, one of the two survives a reload. */
  private async send(
    conversationId: string,
    text: string,
    attachments: readonly Attachment[] = [],
  ): Promise<void> {
    const id = this.ports.newId();
    const stored = this.chat.outbox.post(id, conversationId, text, attachments);
    this.view.bringUp(id);
    this.ports.route.settle(conversationId);
    await stored;
    await this.drafts.used(conversationId, text);
    if (attachments.length) await this.attachments.used(conversationId);
  }

  private newAttachments(): Attachments {
    const { api, store, upload, newId } = this.ports;
    return new Attachments({
      store,
      offer: (name, mimeType, bytes) => api.offerUpload(name, mimeType, bytes),
      upload,
      newKey: newId,
      failed: (error) => this.report(error),
    });
  }

  private newChat(): Chat {
    const { api, after, tabs, store, lastRead, now, random, connect } = this.ports;
    return new Chat({
      api,
      conversations: new Conversations(api, lastRead, () => tabs.announce("conversations")),
      outbox: {
        store,
        withLock: (job) => tabs.withLock(job),
        changed: () => tabs.announce("outbox"),
        after,
        now,
      },
      socket: { connect, ticket: () => api.ticket(), after, random },
      failed: (error) => this.report(error),
      refused: (refusal) => this.toasts.show(refusalOf(refusal.code, refusal.message), "error"),
      delivered: (message) => this.attempt(this.drafts.used(message.conversationId, message.text)),
    });
  }

  private listen(): void {
    const { onReturn, onStorage, tabs } = this.ports;
    onReturn(() => this.chat.socket.nudge());
    onStorage(() => this.chat.conversations.readAgain());
    tabs.listen((change) => {
      if (change === "outbox") this.attempt(this.chat.outboxChanged());
      else if (change === "conversations") void this.chat.loadList();
      else this.attempt(this.settings.load());
    });
  }
}
