// The conversations that were opened in this tab, and which of them is shown.
import { computed, signal } from "@preact/signals";
import { type ConversationPorts, OpenConversation } from "./conversation";

export class OpenConversations {
  readonly all = signal<ReadonlyMap<string, OpenConversation>>(new Map());
  readonly currentId = signal("");
  readonly current = computed(() => this.find(this.currentId.value));

  constructor(private readonly ports: ConversationPorts) {}

  find(id: string): OpenConversation | undefined {
    return this.all.value.get(id);
  }

  /** Makes it the one that is shown; opens it if it is not. */
  show(id: string): OpenConversation {
    const conversation = this.find(id) ?? new OpenConversation(id, this.ports);
    this.all.value = new Map(this.all.value).set(id, conversation);
    this.currentId.value = id;
    return conversation;
  }

  get isAnswering(): boolean {
    return [...this.all.value.values()].some((one) => one.answers.value.size > 0);
  }

  /** This approval is not open any more, the cloud says; false if it is of none of these. */
  expire(id: string): boolean {
    return [...this.all.value.values()].some((one) => one.expire(id));
  }

  /** The conversation in which this turn was asked. */
  ofTurn(turn: string): OpenConversation | undefined {
    const holds = (one: OpenConversation) => one.entries.value.some((entry) => entry.id === turn);
    return [...this.all.value.values()].find(holds);
  }
}
