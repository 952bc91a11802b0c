// The whole chat behind the page: frames go to the conversation they belong to, messages to the outbox.
import { signal } from "@preact/signals";
import type { OutboxMessage } from "../store/store";
import { type Api, ApiError } from "../wire/api";
import type { Entry } from "../wire/entry";
import type { Ack, ApprovalFrame, Decision, Refusal, ServerFrame, StreamEnd, Tool } from "../wire/protocol";
import { Socket, type SocketEvents, type SocketPorts, type SocketState } from "../wire/socket";
import type { Status } from "../wire/status";
import { Decisions } from "./approvals";
import type { Loading, OpenConversation } from "./conversation";
import type { Conversations } from "./conversations";
import { OpenConversations } from "./openConversations";
import { Outbox, type OutboxPorts } from "./outbox";

const FAILED: ReadonlySet<Loading> = new Set(["failed", "missing"]);

export interface ChatPorts {
  api: Pick<Api, "history">;
  conversations: Conversations;
  outbox: Omit<OutboxPorts, "send" | "ackTimedOut" | "failed">;
  socket: Omit<SocketPorts, "busy">;
  failed(error: unknown): void;
  /** The cloud refuses something that is no message of the outbox. */
  refused(refusal: Refusal): void;
  /** The cloud has this message. */
  delivered(message: OutboxMessage): void;
}

export class Chat {
  readonly status = signal<Status | null>(null);
  readonly connection = signal<SocketState>("closed");
  /** Turns for which Stop was pressed. */
  readonly stopping = signal<ReadonlySet<string>>(new Set());
  readonly decisions = new Decisions((frame) => this.socket.send(frame));
  readonly open: OpenConversations;
  readonly conversations: Conversations;
  readonly outbox: Outbox;
  readonly socket: Socket;

  constructor(private readonly ports: ChatPorts) {
    this.conversations = ports.conversations;
    this.open = new OpenConversations({
      send: (frame) => this.socket.send(frame),
      history: (of, before) => ports.api.history(of, before),
    });
    this.outbox = new Outbox({
      ...ports.outbox,
      send: (frame) => this.socket.send(frame),
      ackTimedOut: () => this.socket.renew(),
      failed: (error) => ports.failed(error),
    });
    this.socket = new Socket({ ...ports.socket, busy: () => this.open.isAnswering }, this.events());
  }

  /** The first look at everything; the status comes over the socket. */
  async start(): Promise<void> {
    this.socket.start();
    await Promise.all([this.loadList(), this.outbox.refresh()]);
    await this.outbox.flush();
  }

  /** Shows a conversation; `fresh` when nobody has written to it yet. */
  show(id: string, fresh: boolean): void {
    const known = this.open.find(id);
    const conversation = this.open.show(id);
    if (fresh && !known) conversation.begin();
    else if (!known || FAILED.has(conversation.loading.value)) this.reload(conversation);
    this.markRead(id);
  }

  reload(conversation: OpenConversation): void {
    conversation.load().then(() => this.markRead(conversation.id), this.ports.failed);
  }

  stop(): void {
    const turn = this.open.current.value?.running;
    if (!turn) return;
    this.stopping.value = new Set(this.stopping.value).add(turn);
    this.socket.send({ type: "cancel", turn });
  }

  /** Another tab has changed the outbox. */
  async outboxChanged(): Promise<void> {
    await this.outbox.refresh();
    await this.outbox.flush();
  }

  /** What the person decides of an approval: now, or not at all. */
  decide(id: string, decision: Decision): void {
    if (!this.decisions.decide(id, decision)) this.ports.failed(new ApiError("offline", "", 0));
  }

  private events(): SocketEvents {
    return {
      frame: (frame) => this.receive(frame),
      opened: () => this.opened(),
      closed: () => this.closed(),
      unreadable: (error) => this.ports.failed(error),
    };
  }

  private opened(): void {
    this.connection.value = "open";
    this.decisions.renewed();
    this.socket.send({ type: "status" });
    for (const one of this.open.all.value.values()) one.catchUp().catch(() => this.socket.failed());
    for (const turn of this.stopping.value) this.socket.send({ type: "cancel", turn });
    if (this.conversations.loaded.value) void this.loadList();
    void this.outbox.flush();
  }

  private closed(): void {
    this.connection.value = "waiting";
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
    if (frame.type === "stream_chunk") this.open.find(frame.conversationId)?.chunk(frame);
    else if (frame.type === "media") this.open.find(frame.conversationId)?.media(frame);
    else if (frame.type === "waiting") this.open.find(frame.conversationId)?.waiting(frame);
    else if (frame.type === "approval") this.asked(frame);
    else if (frame.type === "tool") this.conversationOf(frame)?.tool(frame);
    else if (frame.type === "stream_end") void this.ended(frame);
  }

  private asked(frame: ApprovalFrame): void {
    if (frame.state !== "open") this.decisions.answered(frame.id);
    this.open.find(frame.conversationId)?.approval(frame);
  }

  private async ended(frame: StreamEnd): Promise<void> {
    await this.open.find(frame.conversationId)?.end(frame);
    this.committed(frame.conversationId, frame.turn, frame.seq, frame.createdAt);
  }

  private arrived(entry: Entry): void {
    this.open.find(entry.conversationId)?.add([entry]);
    this.committed(entry.conversationId, entry.turn, entry.seq, entry.createdAt);
  }

  /** Our own message is durable: it becomes an entry before it leaves the outbox, so that it never blinks. */
  private acked(ack: Ack): void {
    const message = this.outbox.find(ack.id);
    if (message) {
      this.arrived(sent(message, ack.seq));
      this.ports.delivered(message);
    }
    this.outbox.acked(ack).catch(this.ports.failed);
  }

  private refuse(refusal: Refusal): void {
    const { id = "", code } = refusal;
    this.decisions.answered(id);
    if (code === "not_found" && this.open.expire(id)) return;
    if (this.outbox.find(id)) {
      this.outbox.refused({ ...refusal, id }).catch(this.ports.failed);
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
    const entries = this.open.find(id)?.entries.value ?? [];
    if (id === this.open.currentId.value) this.conversations.read(id, entries.at(-1)?.seq ?? 0);
  }

  private conversationOf(tool: Tool): OpenConversation | undefined {
    return this.open.find(tool.conversationId ?? "") ?? this.open.ofTurn(tool.turn);
  }

  async loadList(): Promise<void> {
    await this.conversations.load().catch(this.ports.failed);
  }
}

function sent({ id, conversationId, text, attachments, writtenAt }: OutboxMessage, seq: number): Entry {
  const createdAt = new Date(writtenAt).toISOString();
  const files = attachments ? { attachments } : {};
  return { id, conversationId, seq, role: "user", text, ...files, createdAt, status: "pending" };
}
