// A message of the user's on its way: it stays in the outbox until the cloud has acknowledged it.
import type { Refusal } from "../wire/protocol";

export interface Letter {
  id: string;
  conversationId: string;
  text: string;
  /** Milliseconds; letters leave in this order. */
  writtenAt: number;
  refused?: Pick<Refusal, "code" | "message" | "retryable"> | undefined;
}

/** Where letters survive a reload; all tabs see the same ones. */
export interface LetterBox {
  all(): Promise<Letter[]>;
  put(letter: Letter): Promise<void>;
  remove(id: string): Promise<void>;
}
