// What is open on the screen, and what the parts of it ask of each other.
import { signal } from "@preact/signals";
import type { Outside } from "./prose/outside";

export class View {
  readonly settingsOpen = signal(false);
  /** The picture that is shown large. */
  readonly picture = signal<{ readonly name: string; readonly url: string } | null>(null);
  /** The link that the person is asked about. */
  readonly leaving = signal<Outside | null>(null);
  readonly sidebarOpen = signal(false);
  /** Words to put into the composer. */
  readonly suggestion = signal("");
  /** The message that the thread brings to its top; another object each time, so that the same one can be asked for again. */
  readonly anchor = signal<{ readonly id: string }>({ id: "" });

  /** The message that a search leads to, until the thread is there. */
  readonly goal = signal<{ readonly conversationId: string; readonly seq: number } | null>(null);

  /** What lies on top: messages to the person have to be in it, everything below is inert. */
  get top(): "link" | "picture" | "settings" | "page" {
    if (this.leaving.value) return "link";
    if (this.picture.value) return "picture";
    return this.settingsOpen.value ? "settings" : "page";
  }

  bringUp(id: string): void {
    this.anchor.value = { id };
  }
}
