// The whole chat behind the page: frames go to the conversation they belong to, words to the outbox.
import { computed, signal } from "@preact/signals";
import type { Api } from "../wire/api";
import type { Entry } from "../wire/entry";
import type { Ack, Refusal, ServerFrame, StreamEnd, Tool } from "../wire/protocol";
import type { Link, Socket, SocketEvents } from "../wire/socket";
import type { Status } from "../wire/status";
import { OpenConversation } from "./conversation";
import type { Conversations } from "./conversations";
import type { Outbox } from "./outbox";

export interface ChatPorts {
  api: Pick<Api, "history">;
  conversations: Conversations;
  outbox(chat: Chat): Outbox;
  socket(events: SocketEvents): Socket;
  trouble(error: unknown): void;
  refused(refusal: Refusal): void;
}

export class Chat {
  readonly status = signal<Status | null>(null);
  readonly link = signal<Link>("closed");
  readonly current = signal("");
  readonly open = signal<ReadonlyMap<string, OpenConversation>>(new Map());
  readonly stopping = signal<ReadonlySet<string>>(new Set());
  readonly conversation = computed(() => this.open.value.get(this.current.value));
  readonly conversations: Conversations;
  readonly outbox: Outbox;
  readonly socket: Socket;

  constructor(private readonly ports: ChatPorts) {
    this.conversations = ports.conversations;
    this.outbox = ports.outbox(this);
    this.socket = ports.socket({
      frame: (frame) => this.receive(frame),
      opened: () => this.opened(),
      closed: () => this.closed(),
      broken: ports.trouble,
    });
  }

  /** The first look at everything; the status comes over the socket. */
  async start(): Promise<void> {
    this.socket.start();
    await Promise.all([this.loadList(), this.outbox.refresh()]);
    await this.outbox.flush();
  }

  get busy(): boolean {
    return [...this.open.value.values()].some((one) => one.answers.value.size > 0);
  }

  /** Shows a conversation; `fresh` when nobody has written to it yet. */
  show(id: string, fresh: boolean): void {
    this.current.value = id;
    const held = this.open.value.get(id);
    const conversation = held ?? this.opening(id);
    if (fresh && !held) conversation.begin();
    else if (!held || conversation.loading.value === "failed") this.reload(conversation);
    this.markRead(id);
  }

  reload(conversation: OpenConversation): void {
    conversation.load().then(() => this.markRead(conversation.id), this.ports.trouble);
  }

  async send(text: string, conversationId = this.current.value): Promise<void> {
    await this.outbox.post(crypto.randomUUID(), conversationId, text);
  }

  stop(): void {
    const turn = this.conversation.value?.running;
    if (!turn) return;
    this.stopping.value = new Set(this.stopping.value).add(turn);
    this.socket.send({ type: "cancel", turn });
  }

  private opening(id: string): OpenConversation {
    const conversation = new OpenConversation(id, {
      send: (frame) => this.socket.send(frame),
      history: (of, before) => this.ports.api.history(of, before),
    });
    this.open.value = new Map(this.open.value).set(id, conversation);
    return conversation;
  }

  private opened(): void {
    this.link.value = "open";
    this.socket.send({ type: "status" });
    for (const one of this.open.value.values()) one.catchUp().catch(() => this.socket.failed());
    for (const turn of this.stopping.value) this.socket.send({ type: "cancel", turn });
    if (this.conversations.loaded.value) void this.loadList();
    void this.outbox.flush();
  }

  private closed(): void {
    this.link.value = "waiting";
    this.outbox.closed();
  }

  private receive(frame: ServerFrame): void {
    if (frame.type === "status") this.status.value = frame;
    else if (frame.type === "ack") this.acked(frame);
    else if (frame.type === "error") this.refuse(frame);
    else if (frame.type === "message") this.arrived(frame);
    else this.streamed(frame);
  }

  private streamed(frame: ServerFrame): void {
    if (frame.type === "stream_chunk") this.open.value.get(frame.conversationId)?.chunk(frame);
    else if (frame.type === "tool") this.homeOf(frame)?.tool(frame);
    else if (frame.type === "stream_end") void this.ended(frame);
  }

  private async ended(frame: StreamEnd): Promise<void> {
    await this.open.value.get(frame.conversationId)?.end(frame);
    this.committed(frame.conversationId, frame.turn, frame.seq, frame.createdAt);
  }

  private arrived(entry: Entry): void {
    this.open.value.get(entry.conversationId)?.add([entry]);
    this.committed(entry.conversationId, entry.turn, entry.seq, entry.createdAt);
  }

  /** Our own message is durable: it becomes an entry before it leaves the outbox, so that it never blinks. */
  private acked(ack: Ack): void {
    const letter = this.outbox.letters.value.find((one) => one.id === ack.id);
    const { id, conversationId, seq } = ack;
    if (letter) {
      const createdAt = new Date(letter.writtenAt).toISOString();
      const { text } = letter;
      this.arrived({ id, conversationId, seq, role: "user", text, createdAt, status: "pending" });
    }
    this.outbox.acked(ack).catch(this.ports.trouble);
  }

  private refuse(refusal: Refusal): void {
    const { id } = refusal;
    if (id && this.outbox.letters.value.some((one) => one.id === id)) {
      this.outbox.refused({ ...refusal, id }).catch(this.ports.trouble);
    } else this.ports.refused(refusal);
  }

  private committed(id: string, turn: string | undefined, seq: number, at: string): void {
    if (turn && this.stopping.value.has(turn)) {
      this.stopping.value = new Set([...this.stopping.value].filter((one) => one !== turn));
    }
    this.conversations.reached(id, seq, at);
    this.markRead(id);
    if (!this.conversations.find(id)?.title) void this.loadList();
  }

  private markRead(id: string): void {
    const entries = this.open.value.get(id)?.entries.value ?? [];
    if (id === this.current.value) this.conversations.read(id, entries.at(-1)?.seq ?? 0);
  }

  private homeOf(tool: Tool): OpenConversation | undefined {
    const holds = (one: OpenConversation) => one.entries.value.some((entry) => entry.id === tool.turn);
    return this.open.value.get(tool.conversationId ?? "") ?? [...this.open.value.values()].find(holds);
  }

  async loadList(): Promise<void> {
    await this.conversations.load().catch(this.ports.trouble);
  }
}
