// What must survive a reload: messages on their way to the cloud, and drafts.
import type { Attachment } from "../wire/attachment";
import type { Refusal } from "../wire/protocol";

/** A message of the user's: it stays in the outbox until the cloud has acknowledged it. */
export interface OutboxMessage {
  id: string;
  conversationId: string;
  text: string;
  attachments?: readonly Attachment[] | undefined;
  /** Milliseconds; messages are sent in this order. */
  writtenAt: number;
  refused?: Pick<Refusal, "code" | "message" | "retryable"> | undefined;
}

/** All tabs see the same messages. Every call may throw StoreError. */
export interface OutboxStore {
  all(): Promise<OutboxMessage[]>;
  put(message: OutboxMessage): Promise<void>;
  remove(id: string): Promise<void>;
}

/** One text per conversation, "" where there is none. Every call may throw StoreError. */
export interface DraftStore {
  draft(conversationId: string): Promise<string>;
  keepDraft(conversationId: string, text: string): Promise<void>;
}

export interface PageStore extends OutboxStore, DraftStore {
  /** Nothing is kept any more. May throw StoreError. */
  clear(): Promise<void>;
}

/** The browser does not store or give back what it was asked to. */
export class StoreError extends Error {}
